using Dense.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Models.Backbones;

/// <summary>
/// Residual network of 18 to 152 layers (He et al., "Deep Residual Learning for Image Recognition", 2015): the one
/// backbone of pre-training and detection.
/// </summary>
/// <remarks>
/// Checkpoint keys are torchvision's without <c>fc</c> (P-58): <c>conv1.weight</c>, <c>bn1.*</c>, and per block
/// <c>layer{s}.{b}.conv{1,2,3}.weight</c>, <c>.bn{1,2,3}.*</c>, <c>.downsample.0.weight</c>, <c>.downsample.1.*</c>;
/// with GroupNorm <c>gn</c> takes the place of <c>bn</c>.
/// </remarks>
public sealed class ResNet : Module<Tensor, Tensor[]>
{
    private readonly Conv2d _conv1;
    private readonly Module<Tensor, Tensor> _norm1;
    private readonly List<ModuleList<Module<Tensor, Tensor>>> _stages = [];

    /// <summary>Builds the network with randomly initialised weights (P-68), drawn from libtorch's generator.</summary>
    /// <exception cref="ArgumentException">The settings cannot be built; the message holds every reason.</exception>
    public ResNet(ResNetSettings settings)
        : base(nameof(ResNet))
    {
        string[] problems = [.. settings.Problems()];
        if (problems.Length > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(settings));

        Settings = settings;
        _conv1 = Conv2d(settings.InChannels, settings.BaseWidth, 7, stride: 2, padding: 3, bias: false);
        _norm1 = settings.Norm.Create(settings.BaseWidth);
        register_module("conv1", _conv1);
        register_module(settings.Norm.Name + "1", _norm1);

        long channels = settings.BaseWidth;
        for (int i = 0; i < settings.NumStages; i++)
        {
            var stage = new ModuleList<Module<Tensor, Tensor>>();
            for (int b = 0; b < settings.Blocks[i]; b++)
            {
                long width = (long)settings.BaseWidth << i;
                int stride = b == 0 ? settings.Strides[i] : 1;
                stage.Add(settings.UsesBottlenecks
                    ? new Bottleneck(settings, channels, width, stride, settings.Dilations[i])
                    : new BasicBlock(settings, channels, width, stride, settings.Dilations[i]));
                channels = settings.Channels(i + 1);
            }

            _stages.Add(stage);
            register_module($"layer{i + 1}", stage);
        }

        Initialise();
        Freeze();
    }

    /// <summary>What the network was built from.</summary>
    public ResNetSettings Settings { get; }

    /// <summary>Computes the feature maps of <see cref="ResNetSettings.OutIndices"/>, in the order of their
    /// depth.</summary>
    /// <param name="images">N×3×H×W, RGB, normalised.</param>
    /// <returns>
    /// For 224×224 images and 50 layers: 64×112×112 (index 0), 256×56×56, 512×28×28, 1024×14×14, 2048×7×7.
    /// </returns>
    public override Tensor[] forward(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        var outputs = new List<Tensor>();
        Tensor x = _norm1.call(_conv1.call(images)).relu_();
        if (Settings.OutIndices.Contains(0))
            outputs.Add(x);

        x = functional.max_pool2d(x, 3, stride: 2, padding: 1);
        for (int i = 0; i < _stages.Count; i++)
        {
            foreach (Module<Tensor, Tensor> block in _stages[i])
                x = Settings.WithCheckpointing ? Recomputed.Run(block, x) : block.call(x);
            if (Settings.OutIndices.Contains(i + 1))
                outputs.Add(x);
        }

        return [.. outputs.Select(o => o.MoveToOuterDisposeScope())];
    }

    /// <summary>
    /// Switches the mode; frozen parts, and with <see cref="ResNetSettings.NormEval"/> all BatchNorm layers, stay in
    /// evaluation mode (P-62, P-63).
    /// </summary>
    public override void train(bool train = true)
    {
        base.train(train);
        Freeze();
        if (Settings.NormEval)
        {
            foreach (BatchNormLayer norm in modules().OfType<BatchNormLayer>())
                norm.eval();
        }
    }

    /// <inheritdoc/>
    protected override void RegisterComponents()
    {
        // Names depend on the kind of norm, so the parts are registered one by one and not by their fields.
    }

    // Fan-in, where torchvision takes fan-out.
    private void Initialise()
    {
        using IDisposable noGradient = no_grad();
        foreach (Module module in modules())
        {
            if (module is Conv2d { weight: { } weight })
                weight.normal_(0, Math.Sqrt(2.0 / (weight.numel() / weight.shape[0])));
            else if (module is IResidualBlock block && Settings.ZeroInitResidual)
                block.ZeroLastNorm();
        }
    }

    private void Freeze()
    {
        if (Settings.FrozenStages < 0)
            return;

        Module[] frozen = [_conv1, _norm1, .. _stages.Take(Settings.FrozenStages)];
        foreach (Module module in frozen)
        {
            module.eval();
            module.SetLearning(false);
        }
    }

    private interface IResidualBlock
    {
        void ZeroLastNorm();
    }

    /// <summary>Two 3×3 convolutions beside a shortcut: 18 and 34 layers.</summary>
    private sealed class BasicBlock : Module<Tensor, Tensor>, IResidualBlock
    {
        private readonly Conv2d _conv1;
        private readonly Module<Tensor, Tensor> _norm1;
        private readonly Conv2d _conv2;
        private readonly Module<Tensor, Tensor> _norm2;
        private readonly Module<Tensor, Tensor>? _shortcut;

        public BasicBlock(ResNetSettings settings, long inChannels, long width, int stride, int dilation)
            : base(nameof(BasicBlock))
        {
            string norm = settings.Norm.Name;
            register_module("conv1", _conv1 = Conv2d(
                inChannels, width, 3, stride: stride, padding: dilation, dilation: dilation, bias: false));
            register_module(norm + "1", _norm1 = settings.Norm.Create(width));
            register_module("conv2", _conv2 = Conv2d(width, width, 3, padding: 1, bias: false));
            register_module(norm + "2", _norm2 = settings.Norm.Create(width));
            _shortcut = Shortcut(settings, inChannels, width, stride);
            if (_shortcut is not null)
                register_module("downsample", _shortcut);
        }

        public void ZeroLastNorm() => ((Parameter)_norm2.get_parameter("weight")!).zero_();

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y = _norm1.call(_conv1.call(x)).relu_();
            y = _norm2.call(_conv2.call(y));
            return y.add_(_shortcut?.call(x) ?? x).relu_().MoveToOuterDisposeScope();
        }

        protected override void RegisterComponents()
        {
        }
    }

    /// <summary>1×1, 3×3 and 1×1 convolutions, the last four times as wide, beside a shortcut: 50 layers and
    /// more.</summary>
    private sealed class Bottleneck : Module<Tensor, Tensor>, IResidualBlock
    {
        private readonly Conv2d _conv1;
        private readonly Module<Tensor, Tensor> _norm1;
        private readonly Conv2d _conv2;
        private readonly Module<Tensor, Tensor> _norm2;
        private readonly Conv2d _conv3;
        private readonly Module<Tensor, Tensor> _norm3;
        private readonly Module<Tensor, Tensor>? _shortcut;

        public Bottleneck(ResNetSettings settings, long inChannels, long width, int stride, int dilation)
            : base(nameof(Bottleneck))
        {
            string norm = settings.Norm.Name;
            bool caffe = settings.Style == ConvolutionStyle.Caffe;
            register_module("conv1", _conv1 = Conv2d(inChannels, width, 1, stride: caffe ? stride : 1, bias: false));
            register_module(norm + "1", _norm1 = settings.Norm.Create(width));
            register_module("conv2", _conv2 = Conv2d(
                width, width, 3, stride: caffe ? 1 : stride, padding: dilation, dilation: dilation, bias: false));
            register_module(norm + "2", _norm2 = settings.Norm.Create(width));
            register_module("conv3", _conv3 = Conv2d(width, 4 * width, 1, bias: false));
            register_module(norm + "3", _norm3 = settings.Norm.Create(4 * width));
            _shortcut = Shortcut(settings, inChannels, 4 * width, stride);
            if (_shortcut is not null)
                register_module("downsample", _shortcut);
        }

        public void ZeroLastNorm() => ((Parameter)_norm3.get_parameter("weight")!).zero_();

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y = _norm1.call(_conv1.call(x)).relu_();
            y = _norm2.call(_conv2.call(y)).relu_();
            y = _norm3.call(_conv3.call(y));
            return y.add_(_shortcut?.call(x) ?? x).relu_().MoveToOuterDisposeScope();
        }

        protected override void RegisterComponents()
        {
        }
    }

    // Only where the shape changes, so the first stage of 18 and 34 layers has none (P-57).
    private static Sequential? Shortcut(ResNetSettings settings, long inChannels, long outChannels, int stride) =>
        stride == 1 && inChannels == outChannels
            ? null
            : Sequential(
                Conv2d(inChannels, outChannels, 1, stride: stride, bias: false), settings.Norm.Create(outChannels));
}
