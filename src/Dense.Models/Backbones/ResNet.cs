using Dense.Models.Layers;
using Dense.Torch;
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
        _conv1 = Conv2d(settings.InChannels, settings.Channels(0), 7, stride: 2, padding: 3, bias: false);
        _norm1 = Norms(settings, stage: 0)(settings.Channels(0));
        register_module("conv1", _conv1);
        register_module(settings.Norm.Name + "1", _norm1);
        for (int i = 1; i <= settings.NumStages; i++)
        {
            ModuleList<Module<Tensor, Tensor>> stage = Stage(settings, i);
            _stages.Add(stage);
            register_module($"layer{i}", stage);
        }

        Initialise();
        Freeze();
    }

    /// <summary>What the network was built from.</summary>
    public ResNetSettings Settings { get; }

    /// <summary>Where passes mark the ends of their stages 1, 2, …; null for no marks. The backward pass must go
    /// through it then.</summary>
    public SegmentedBackward? Segments { get; set; }

    /// <summary>The parameters that each stage adds, those of the stem with the first: the parts of <see
    /// cref="Segments"/>.</summary>
    public IReadOnlyList<IReadOnlyList<Parameter>> StageParameters => [.. _stages.Select((stage, i) =>
        (IReadOnlyList<Parameter>)(i == 0
            ? [.. _conv1.parameters(), .. _norm1.parameters(), .. stage.parameters()]
            : [.. stage.parameters()]))];

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
            x = Segments?.End(x, i + 1) ?? x;
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

    private static ModuleList<Module<Tensor, Tensor>> Stage(ResNetSettings settings, int number)
    {
        var stage = new ModuleList<Module<Tensor, Tensor>>();
        Func<long, Module<Tensor, Tensor>> norms = Norms(settings, number);
        for (int b = 0; b < settings.Blocks[number - 1]; b++)
        {
            var shape = new BlockShape(
                InChannels: settings.Channels(b == 0 ? number - 1 : number),
                Width: (long)settings.BaseWidth << (number - 1),
                OutChannels: settings.Channels(number),
                Stride: b == 0 ? settings.Strides[number - 1] : 1,
                Dilation: settings.Dilations[number - 1]);
            stage.Add(settings.UsesBottlenecks
                ? new Bottleneck(settings, shape, norms)
                : new BasicBlock(settings, shape, norms));
        }

        return stage;
    }

    // The stem is stage 0.
    private static Func<long, Module<Tensor, Tensor>> Norms(ResNetSettings settings, int stage) =>
        settings.ConvertsFrozenNorms && stage <= settings.FrozenStages
            ? settings.Norm.CreateFrozen
            : settings.Norm.Create;

    private void Initialise()
    {
        bool fanIn = Settings.Initialisation == ConvolutionInitialisation.FanIn;
        using IDisposable noGradient = no_grad();
        foreach (Module module in modules())
        {
            if (module is Conv2d { weight: { } weight })
                weight.normal_(0, Math.Sqrt(2.0 / (weight.numel() / weight.shape[fanIn ? 0 : 1])));
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

    private sealed record BlockShape(long InChannels, long Width, long OutChannels, int Stride, int Dilation);

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

        public BasicBlock(ResNetSettings settings, BlockShape shape, Func<long, Module<Tensor, Tensor>> norms)
            : base(nameof(BasicBlock))
        {
            string norm = settings.Norm.Name;
            var (inChannels, width, _, stride, dilation) = shape;
            register_module("conv1", _conv1 = Conv2d(
                inChannels, width, 3, stride: stride, padding: dilation, dilation: dilation, bias: false));
            register_module(norm + "1", _norm1 = norms(width));
            register_module("conv2", _conv2 = Conv2d(width, width, 3, padding: 1, bias: false));
            register_module(norm + "2", _norm2 = norms(width));
            _shortcut = Shortcut(shape, norms);
            if (_shortcut is not null)
                register_module("downsample", _shortcut);
        }

        public void ZeroLastNorm() => ((Parameter)_norm2.get_parameter("weight")!).zero_();

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y = _norm1.call(_conv1.call(x)).relu_();
            y = _norm2.call(_conv2.call(y));
            return y.AddInPlace(_shortcut?.call(x) ?? x).relu_().MoveToOuterDisposeScope();
        }

        protected override void RegisterComponents()
        {
        }
    }

    /// <summary>1×1, 3×3 and 1×1 convolutions, the last to more channels, beside a shortcut: 50 layers and
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

        public Bottleneck(ResNetSettings settings, BlockShape shape, Func<long, Module<Tensor, Tensor>> norms)
            : base(nameof(Bottleneck))
        {
            string norm = settings.Norm.Name;
            var (inChannels, width, outChannels, stride, dilation) = shape;
            bool caffe = settings.Style == ConvolutionStyle.Caffe;
            register_module("conv1", _conv1 = Conv2d(inChannels, width, 1, stride: caffe ? stride : 1, bias: false));
            register_module(norm + "1", _norm1 = norms(width));
            register_module("conv2", _conv2 = Conv2d(
                width, width, 3, stride: caffe ? 1 : stride, padding: dilation, dilation: dilation,
                groups: settings.Groups, bias: false));
            register_module(norm + "2", _norm2 = norms(width));
            register_module("conv3", _conv3 = Conv2d(width, outChannels, 1, bias: false));
            register_module(norm + "3", _norm3 = norms(outChannels));
            _shortcut = Shortcut(shape, norms);
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
            return y.AddInPlace(_shortcut?.call(x) ?? x).relu_().MoveToOuterDisposeScope();
        }

        protected override void RegisterComponents()
        {
        }
    }

    // Only where the shape changes, so the first stage of 18 and 34 layers has none (P-57).
    private static Sequential? Shortcut(BlockShape shape, Func<long, Module<Tensor, Tensor>> norms) =>
        shape.Stride == 1 && shape.InChannels == shape.OutChannels
            ? null
            : Sequential(
                Conv2d(shape.InChannels, shape.OutChannels, 1, stride: shape.Stride, bias: false),
                norms(shape.OutChannels));
}
