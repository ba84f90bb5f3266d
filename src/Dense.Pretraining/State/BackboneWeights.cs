using Dense.Checkpoints;
using Dense.Models.Backbones;
using Dense.Torch;

namespace Dense.Pretraining.State;

/// <summary>Loads pretrained weights into a backbone (P-69, P-211).</summary>
public static class BackboneWeights
{
    /// <summary>Loads strictly: every name must match, except that counters may be missing.</summary>
    /// <param name="backbone">Changed in place.</param>
    /// <param name="state">A backbone, as weight files are recognised to hold; a <c>module.</c> before every name is
    /// dropped.</param>
    /// <param name="source">The file's name, for messages.</param>
    /// <exception cref="StateMismatchException">The names or shapes do not fit, or it is a training
    /// checkpoint.</exception>
    public static StateLoadReport Load(
        ResNet backbone, IReadOnlyDictionary<string, TensorRecord> state, string source)
    {
        Dictionary<string, TensorRecord> weights = StateLoading.Unwrapped(state);
        StateEntry[] entries = [.. ModuleState.Tensors(backbone).Select(e => StateEntry.Of(e.Name, e.Tensor))];
        if (!entries.Any(e => weights.ContainsKey(e.Name)))
        {
            string examples = string.Join(", ", weights.Keys.Take(3).Select(k => $"'{k}'"));
            string remedy = weights.Keys.Any(k => k.StartsWith("encoder_q.", StringComparison.Ordinal))
                ? "This is a training checkpoint: extract its backbone first (densecl extract)."
                : "Give a file that holds the weights of a ResNet.";
            throw new StateMismatchException(
                $"{source}: no backbone tensor found. Its {weights.Count} names look like {examples}; expected are "
                + $"names like 'layer1.0.conv1.weight'. {remedy}");
        }

        return StateLoading.Load(entries, weights, []).RequireComplete(source);
    }
}
