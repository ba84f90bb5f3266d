using System.Runtime.InteropServices;
using System.Text.Json;
using Dense.Coco.Masks;
using Dense.Detection.Settings;

namespace Dense.Detection.Tests.SoloV2;

/// <summary>The reference's detections, compared as the README of the golden data asks: as sets.</summary>
internal sealed class ExpectedDetections(string arrays, string masks)
{
    private const double ScoreTolerance = 5e-5;
    private const double PixelShare = 1e-4;
    private const double MatchedShare = 0.98;

    private readonly GoldenArrays _arrays = new(arrays);
    private readonly JsonElement _masks = JsonDocument.Parse(File.ReadAllText(masks)).RootElement;

    /// <summary>Settings with the options of a variant, key and value in turn.</summary>
    public static SoloV2Settings WithOptions(SoloV2Settings settings, JsonElement options)
    {
        for (int i = 0; i < options.GetArrayLength(); i += 2)
        {
            JsonElement value = options[i + 1];
            string key = options[i].GetString()!;
            settings = key["MODEL.SOLOV2.".Length..] switch
            {
                "NMS_KERNEL" => settings with { Nms = Enum.Parse<MaskNms>(value.GetString()!, ignoreCase: true) },
                "NMS_TYPE" when value.GetString() == "mask" => settings with { Nms = MaskNms.Greedy },
                "NMS_SIGMA" => settings with { NmsSigma = value.GetDouble() },
                "NMS_PRE" => settings with { CandidatesBeforeNms = value.GetInt32() },
                "MAX_PER_IMG" => settings with { DetectionsPerImage = value.GetInt32() },
                "UPDATE_THR" => settings with { UpdateThreshold = value.GetDouble() },
                "SCORE_THR" => settings with { ScoreThreshold = value.GetDouble() },
                _ => throw new InvalidDataException($"An option that no setting is known for: {key}."),
            };
        }

        return settings;
    }

    /// <summary>Compares the entry <paramref name="name"/> with ours.</summary>
    public void AssertEqual(string name, ImageDetections ours)
    {
        float[] scores = _arrays.Floats($"{name}.scores");
        int[] classes = MemoryMarshal.Cast<byte, int>(_arrays.Bytes($"{name}.classes")).ToArray();
        Assert.Equal(scores.Length, ours.Count);
        Assert.Equal(ours.Scores.OrderDescending(), ours.Scores);

        var unused = Enumerable.Range(0, ours.Count).ToHashSet();
        int matched = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            int match = unused.Where(j => ours.Classes[j] == classes[i])
                .Where(j => Math.Abs(ours.Scores[j] - scores[i]) <= ScoreTolerance)
                .Where(j => HasMask(name, i, ours.Masks![j]))
                .DefaultIfEmpty(-1)
                .First();
            matched += unused.Remove(match) ? 1 : 0;
        }

        Assert.True(matched >= MatchedShare * scores.Length, $"{name}: {matched} of {scores.Length} matched.");
    }

    private bool HasMask(string name, int i, RunLengthMask ours)
    {
        double most = PixelShare * ours.Height * ours.Width;
        if (_masks.TryGetProperty(name, out JsonElement masks))
        {
            var size = masks[i].GetProperty("size");
            Assert.Equal((size[0].GetInt32(), size[1].GetInt32()), (ours.Height, ours.Width));
            var expected = RunLengthMask.Parse(ours.Height, ours.Width, masks[i].GetProperty("counts").GetString()!);
            long shared = RunLengthMask.Intersection(expected, ours).Area;
            return expected.Area + ours.Area - 2 * shared <= most;
        }

        int area = MemoryMarshal.Cast<byte, int>(_arrays.Bytes($"{name}.mask_area"))[i];
        return Math.Abs(area - ours.Area) <= most;
    }
}
