using Dense.Configuration.Detection;
using Dense.Configuration.Reading;
using Dense.Detection.Settings;
using Dense.Training.Detection.Data;

namespace Dense.Training.Detection.Settings;

/// <summary>
/// Reads INPUT and DATALOADER (E-97 to E-117). What a run knows only when it starts stays at its default: seed, rank,
/// and batch size per process.
/// </summary>
internal static class DetectionDataReader
{
    public static DetectionDataSettings Read(MergedReader reader, DetectorKind kind)
    {
        var data = new DetectionDataSettings
        {
            MinSizeTrain = reader.Ints("INPUT.MIN_SIZE_TRAIN", Bounds.NotNegative),
            Sampling = reader.Choice("INPUT.MIN_SIZE_TRAIN_SAMPLING",
                ("choice", SizeSampling.Choice), ("range", SizeSampling.Range)),
            MaxSizeTrain = reader.Int("INPUT.MAX_SIZE_TRAIN", Bounds.AtLeast(1)),
            MinSizeTest = reader.Int("INPUT.MIN_SIZE_TEST", Bounds.NotNegative),
            MaxSizeTest = reader.Int("INPUT.MAX_SIZE_TEST", Bounds.AtLeast(1)),
            ChannelOrder = reader.Choice("INPUT.FORMAT", ("BGR", ChannelOrder.Bgr), ("RGB", ChannelOrder.Rgb)),
            MaskFormat = reader.Choice("INPUT.MASK_FORMAT",
                ("polygon", MaskFormat.Polygon), ("bitmask", MaskFormat.Bitmask)),
            Flip = reader.Bool("INPUT.HFLIP_TRAIN"),
            Crop = ReadCrop(reader),
            MaskOn = ReadMaskOn(reader, kind),
            NumWorkers = reader.Int("DATALOADER.NUM_WORKERS", Bounds.NotNegative),
            AspectRatioGrouping = reader.Bool("DATALOADER.ASPECT_RATIO_GROUPING"),
            Sampler = reader.Choice("DATALOADER.SAMPLER_TRAIN",
                ("TrainingSampler", TrainingSamplerKind.Permutations),
                ("RepeatFactorTrainingSampler", TrainingSamplerKind.RepeatFactor)),
            RepeatThreshold = reader.Float("DATALOADER.REPEAT_THRESHOLD", Bounds.NotNegative),
            RepeatSqrt = reader.Bool("DATALOADER.REPEAT_SQRT"),
            FilterEmpty = reader.Bool("DATALOADER.FILTER_EMPTY_ANNOTATIONS"),
        };
        CheckSizes(data, reader);
        return data;
    }

    private static CropSettings ReadCrop(MergedReader reader)
    {
        IReadOnlyList<double> size = reader.Floats("INPUT.CROP.SIZE", Bounds.Positive);
        if (size.Count != 2)
            reader.Fail("INPUT.CROP.SIZE", $"expected two numbers, found {size.Count}.");

        var crop = new CropSettings
        {
            Enabled = reader.Bool("INPUT.CROP.ENABLED"),
            Kind = reader.Choice("INPUT.CROP.TYPE",
                ("relative_range", CropKind.RelativeRange), ("relative", CropKind.Relative),
                ("absolute", CropKind.Absolute), ("absolute_range", CropKind.AbsoluteRange)),
            Size = size.Count == 2 ? (size[0], size[1]) : (0.9, 0.9),
            CutsObjects = reader.Bool("INPUT.CROP.CROP_INSTANCE"),
        };
        bool isShare = crop.Kind is CropKind.Relative or CropKind.RelativeRange;
        if (isShare && (crop.Size.First > 1 || crop.Size.Second > 1))
        {
            reader.Fail("INPUT.CROP.SIZE",
                "expected shares of the image, above 0 and at most 1; or set TYPE to absolute.");
        }

        // Without a crop the reference does not rotate either (E-108).
        if (crop.Enabled && reader.Bool("INPUT.IS_ROTATE"))
            reader.Fail("INPUT.IS_ROTATE", "not supported: rotated crops. Set False.");

        return crop;
    }

    private static bool ReadMaskOn(MergedReader reader, DetectorKind kind)
    {
        bool isOn = reader.Bool("MODEL.MASK_ON");
        if (!isOn && kind == DetectorKind.SoloV2)
            reader.Warn("MODEL.MASK_ON", "SOLOv2 trains masks; read as True.");

        return isOn || kind == DetectorKind.SoloV2;
    }

    private static void CheckSizes(DetectionDataSettings data, MergedReader reader)
    {
        const string Key = "INPUT.MIN_SIZE_TRAIN";
        IReadOnlyList<int> sizes = data.MinSizeTrain;
        if (sizes.Count == 0)
            reader.Fail(Key, "expected at least one size, found none.");
        if (data.Sampling == SizeSampling.Range && (sizes.Count != 2 || sizes[0] > sizes[1]))
        {
            reader.Fail(Key, "MIN_SIZE_TRAIN_SAMPLING range needs the smallest and the largest size, found "
                + $"({string.Join(", ", sizes)}).");
        }
    }
}
