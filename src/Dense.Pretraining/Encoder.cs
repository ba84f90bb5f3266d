using Dense.Models.Backbones;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>A backbone and the neck that projects its features. Checkpoint keys: <c>0.*</c> and <c>1.*</c>
/// (P-5).</summary>
internal sealed class Encoder<TNeck> : nn.Module
    where TNeck : nn.Module
{
    [field: ComponentName(Name = "0")]
    public ResNet Backbone { get; }

    [field: ComponentName(Name = "1")]
    public TNeck Neck { get; }

    public Encoder(ResNet backbone, TNeck neck)
        : base("Encoder")
    {
        Backbone = backbone;
        Neck = neck;
        RegisterComponents();
    }
}
