using Dense.Models.Layers;
using Dense.Torch;
using Dense.Torch.Flat;
using Dense.Torch.Operators;
using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>
/// A query encoder that learns and a key encoder that follows it as a moving average (P-5, P-7, P-21). Their parameters
/// lie in two flat buffers of one layout, so following is one pass.
/// </summary>
internal sealed class MomentumEncoders<TNeck> : IDisposable
    where TNeck : nn.Module
{
    private FlatParameters? _queryParameters;
    private FlatParameters? _keyParameters;

    public MomentumEncoders(Func<Encoder<TNeck>> create)
    {
        Query = create();
        Key = create();
        Key.SetLearning(false);
        CopyParametersToKey();
    }

    public Encoder<TNeck> Query { get; }

    public Encoder<TNeck> Key { get; }

    /// <summary>The query encoder's parameters; known after <see cref="Place"/>.</summary>
    public FlatParameters Parameters => _queryParameters
        ?? throw new InvalidOperationException("Place the method on its device before training.");

    /// <summary>In the reference's order: query backbone, query neck, key backbone, key neck (P-12).</summary>
    public IReadOnlyList<NamedParameter> All => [
        .. ModuleState.Parameters(Query, "encoder_q."), .. ModuleState.Parameters(Key, "encoder_k.")];

    /// <summary>Copies every parameter, and no buffer, to the key encoder (P-14).</summary>
    public void CopyParametersToKey()
    {
        using IDisposable noGradient = no_grad();
        foreach (var (key, query) in Key.parameters().Zip(Query.parameters()))
            key.copy_(query);
    }

    /// <summary>Lays the parameters out flat; the modules are on their device already.</summary>
    public void Place(bool channelsLast, int batchNormGroups)
    {
        foreach (BatchNormLayer norm in Query.modules().Concat(Key.modules()).OfType<BatchNormLayer>())
            norm.ImageGroups = batchNormGroups;

        DisposeFlat();
        _queryParameters = new FlatParameters([.. ModuleState.Parameters(Query, "encoder_q.")], channelsLast);
        _keyParameters = new FlatParameters(
            [.. ModuleState.Parameters(Key, "encoder_k.")], channelsLast, withGradients: false);
    }

    /// <summary>key ← key·m + query·(1 − m), parameters only.</summary>
    public void Follow(double momentum) => FusedUpdate.Average(_keyParameters!.Values, Parameters.Values, momentum);

    /// <summary>The key side's parameters, for what all ranks must share.</summary>
    public Tensor KeyValues => _keyParameters!.Values;

    /// <inheritdoc/>
    public void Dispose() => DisposeFlat();

    private void DisposeFlat()
    {
        _queryParameters?.Dispose();
        _keyParameters?.Dispose();
    }
}
