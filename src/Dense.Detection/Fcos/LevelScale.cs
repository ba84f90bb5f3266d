using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Detection.Fcos;

/// <summary>One learned factor (M-44). Checkpoint key: <c>scale</c>.</summary>
internal sealed class LevelScale : Module<Tensor, Tensor>
{
    [ComponentName(Name = "scale")]
    private readonly Parameter _scale;

    /// <summary>Creates the factor 1.</summary>
    public LevelScale()
        : base(nameof(LevelScale))
    {
        _scale = new Parameter(ones(1));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => input * _scale;
}
