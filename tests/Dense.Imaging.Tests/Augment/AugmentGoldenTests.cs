using System.Text.Json;

namespace Dense.Imaging.Tests.Augment;

[Trait("Category", "Golden")]
public sealed class AugmentGoldenTests
{
    public static TheoryData<string> Ids => GoldenImages.Entries(GoldenImages.Augment, "id");

    [Theory]
    [MemberData(nameof(Ids))]
    public void Operation_EqualsPillowBitForBit(string id)
    {
        using JsonDocument manifest = GoldenImages.Json(GoldenImages.Augment, "manifest.json");
        JsonElement entry = GoldenImages.Entry(manifest, "id", id);
        RgbImage input = GoldenImages.Load(GoldenImages.Augment, entry.GetProperty("input").GetString()!);
        RgbImage expected = GoldenImages.Load(GoldenImages.Augment, entry.GetProperty("output").GetString()!);

        RgbImage actual = Apply(entry.GetProperty("op").GetString()!, entry.GetProperty("params"), input);

        GoldenImages.AssertSame(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void ChainTensor_IsExact(string id)
    {
        using JsonDocument manifest = GoldenImages.Json(GoldenImages.Augment, "manifest.json");
        JsonElement entry = GoldenImages.Entry(manifest, "id", id);
        if (entry.GetProperty("op").GetString() != "chain")
            return;

        JsonElement p = entry.GetProperty("params");
        RgbImage input = GoldenImages.Load(GoldenImages.Augment, entry.GetProperty("input").GetString()!);
        float[] expected = new GoldenArrays(Golden.Require(GoldenImages.Augment, "chain_tensors.safetensors"))
            .Floats(p.GetProperty("tensor").GetString()!);
        ViewPipeline pipeline = new(ChainSettings(p));
        float[] actual = new float[pipeline.Settings.ValueCount];

        pipeline.Apply(input, ChainParameters(p), actual);

        Assert.Equal(expected, actual);
    }

    private static RgbImage Apply(string operation, JsonElement p, RgbImage input)
    {
        BilinearResampler resampler = new();
        RgbImage result = new();
        PlanarImage planes = input.ToPlanes();
        switch (operation)
        {
            case "resize":
                resampler.Resize(input, PixelBox.Whole(input), Int(p, "width"), Int(p, "height"), result);
                return result;
            case "crop_resize":
                resampler.Resize(input, Crop(p), Int(p, "width"), Int(p, "height"), result);
                return result;
            case "resize_box":
                resampler.ResizeBox(
                    input, Float(p, "left"), Float(p, "top"), Float(p, "right"), Float(p, "bottom"),
                    Int(p, "width"), Int(p, "height"), result);
                return result;
            case "hflip":
                PixelLayout.Mirror(input);
                return input;
            case "brightness":
                Blend.Brightness(planes, Float(p, "factor"));
                return planes.ToPicture();
            case "contrast":
                Blend.Contrast(planes, Float(p, "factor"));
                return planes.ToPicture();
            case "saturation":
                Blend.Saturation(planes, Float(p, "factor"));
                return planes.ToPicture();
            case "hue":
                Hue.Shift(planes, Hue.Steps(Float(p, "factor")));
                return planes.ToPicture();
            case "grayscale3":
                Luma.ReplaceColors(planes);
                return planes.ToPicture();
            case "gaussian_blur":
                new GaussianBlur().Run(planes, Float(p, "sigma"));
                return planes.ToPicture();
            case "color_jitter":
                ViewPipeline.ApplyJitter(planes, Jitter(p));
                return planes.ToPicture();
            case "chain":
                new ViewPipeline(ChainSettings(p)).ApplyAsPicture(input, ChainParameters(p), result);
                return result;
            default:
                throw new InvalidDataException($"The manifest names an unknown operation: {operation}.");
        }
    }

    private static ViewSettings ChainSettings(JsonElement p) => ViewSettings.DenseCl with
    {
        CropSize = Int(p, "size"),
        Normalization = new Normalization(Triple(p.GetProperty("mean")), Triple(p.GetProperty("std"))),
    };

    private static ViewParameters ChainParameters(JsonElement p)
    {
        JsonElement jitter = p.GetProperty("jitter"), sigma = p.GetProperty("blur_sigma");
        return new ViewParameters(
            Crop(p.GetProperty("crop")),
            jitter.ValueKind == JsonValueKind.Null ? null : Jitter(jitter),
            p.GetProperty("grayscale").GetBoolean(),
            sigma.ValueKind == JsonValueKind.Null ? null : sigma.GetDouble(),
            Solarize: false,
            p.GetProperty("hflip").GetBoolean());
    }

    private static ColorJitter Jitter(JsonElement p)
    {
        JitterOperation[] order =
            [.. p.GetProperty("order").EnumerateArray().Select(o => Enum.Parse<JitterOperation>(o.GetString()!, true))];
        return new ColorJitter(
            order[0], order[1], order[2], order[3],
            Float(p, "brightness"), Float(p, "contrast"), Float(p, "saturation"), Float(p, "hue"));
    }

    private static PixelBox Crop(JsonElement p) =>
        new(Int(p, "left"), Int(p, "top"), Int(p, "crop_width"), Int(p, "crop_height"));

    private static int Int(JsonElement p, string name) => p.GetProperty(name).GetInt32();

    private static float Float(JsonElement p, string name) => (float)p.GetProperty(name).GetDouble();

    private static (float R, float G, float B) Triple(JsonElement p) =>
        ((float)p[0].GetDouble(), (float)p[1].GetDouble(), (float)p[2].GetDouble());
}
