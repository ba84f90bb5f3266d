using System.Globalization;
using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Matching;

/// <summary>
/// How images must be fed to weights, and what contradicts it: a mismatch trains without an error, only worse (M-136,
/// M-137).
/// </summary>
public static class InputConventions
{
    // Means and deviations are published with one to three digits behind the point.
    private const double Tolerance = 0.05;

    /// <summary>
    /// What ImageNet weights in Caffe2's names were trained with: MSRA's ResNets. Not for ResNeXt, which has several
    /// conventions.
    /// </summary>
    public static BackboneMetadata Caffe2 { get; } = new()
    {
        ChannelOrder = "BGR",
        PixelMean = [103.53, 116.28, 123.675],
        PixelStandardDeviation = [1, 1, 1],
        StrideInFirstConvolution = true,
    };

    /// <summary>What DenseCL, MoCo and torchvision train with.</summary>
    public static BackboneMetadata Torch { get; } = new();

    /// <summary>Compares a configuration with what the weights need.</summary>
    /// <param name="weights">What they were trained with.</param>
    /// <param name="origin">Where they are from, in words.</param>
    /// <param name="configured">What the configuration says. Its depth decides whether strides matter.</param>
    /// <returns>One warning per key, with the value to set.</returns>
    public static IReadOnlyList<string> Contradictions(
        BackboneMetadata weights, string origin, BackboneMetadata configured)
    {
        var warnings = new List<string>();
        Check("INPUT.FORMAT", configured.ChannelOrder == weights.ChannelOrder, configured.ChannelOrder,
            weights.ChannelOrder);
        Check("MODEL.PIXEL_MEAN", AreClose(configured.PixelMean, weights.PixelMean), Format(configured.PixelMean),
            Format(weights.PixelMean));
        Check("MODEL.PIXEL_STD", AreClose(configured.PixelStandardDeviation, weights.PixelStandardDeviation),
            Format(configured.PixelStandardDeviation), Format(weights.PixelStandardDeviation));

        // Basic blocks have no 1×1 convolution that a stride could be in.
        bool hasBottlenecks = configured.Depth is not (18 or 34);
        Check("MODEL.RESNETS.STRIDE_IN_1X1",
            !hasBottlenecks || configured.StrideInFirstConvolution == weights.StrideInFirstConvolution,
            $"{configured.StrideInFirstConvolution}", $"{weights.StrideInFirstConvolution}");
        return warnings;

        void Check(string key, bool agrees, string found, string expected)
        {
            if (!agrees)
            {
                warnings.Add($"{key} is {found}, but these weights ({origin}) were trained with {expected}. "
                    + $"Training works and gets worse results: set {key} to {expected}.");
            }
        }
    }

    private static bool AreClose(IReadOnlyList<double> a, IReadOnlyList<double> b) =>
        a.Count == b.Count && a.Zip(b).All(pair => Math.Abs(pair.First - pair.Second) < Tolerance);

    private static string Format(IReadOnlyList<double> values) =>
        $"[{string.Join(", ", values.Select(value => value.ToString(CultureInfo.InvariantCulture)))}]";
}
