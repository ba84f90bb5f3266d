using Dense.Checkpoints;

namespace Dense.Pretraining;

/// <summary>
/// Names in checkpoints of facebookresearch/moco, whose encoder is a whole torchvision ResNet with the projection as
/// its <c>fc</c> (P-45).
/// </summary>
internal static class FacebookNames
{
    private const string Wrapper = "module.";

    /// <summary>Whether a state dictionary has these names.</summary>
    public static bool Recognise(IReadOnlyDictionary<string, TensorRecord> state) =>
        state.ContainsKey(Wrapper + "encoder_q.conv1.weight");

    /// <summary>The same records under this project's names.</summary>
    public static Dictionary<string, TensorRecord> Translate(IReadOnlyDictionary<string, TensorRecord> state) =>
        state.ToDictionary(e => Translate(e.Key), e => e.Value, StringComparer.Ordinal);

    private static string Translate(string name)
    {
        string bare = name.StartsWith(Wrapper, StringComparison.Ordinal) ? name[Wrapper.Length..] : name;
        foreach (string encoder in (string[])["encoder_q.", "encoder_k."])
        {
            if (!bare.StartsWith(encoder, StringComparison.Ordinal))
                continue;

            string inner = bare[encoder.Length..];
            if (!inner.StartsWith("fc.", StringComparison.Ordinal))
                return $"{encoder}0.{inner}";

            // Version 1: fc.weight. Version 2: fc.0.weight and fc.2.weight, a sequence.
            return char.IsAsciiDigit(inner[3]) ? $"{encoder}1.mlp.{inner[3..]}" : $"{encoder}1.{inner}";
        }

        return bare;
    }
}
