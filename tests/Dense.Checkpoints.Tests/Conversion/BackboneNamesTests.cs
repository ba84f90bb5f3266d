using System.Text.Json;
using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Tests.Conversion;

public class BackboneNamesTests
{
    private const string Folder = "pretraining/checkpoints";

    public static TheoryData<string> NameLists() => Testing.Golden.Files(Folder, "names_*.expected.json");

    public static TheoryData<int> Depths() => new(ResNetLayout.Depths);

    [Theory]
    [InlineData("conv1.weight", "stem.conv1.weight")]
    [InlineData("bn1.running_var", "stem.conv1.norm.running_var")]
    [InlineData("layer1.0.bn3.bias", "res2.0.conv3.norm.bias")]
    [InlineData("layer4.0.downsample.1.weight", "res5.0.shortcut.norm.weight")]
    [InlineData("layer4.0.downsample.0.weight", "res5.0.shortcut.weight")]
    [InlineData("fc.weight", "stem.fc.weight")]
    public void Name_IsRenamedBothWays(string torchvision, string detectron2)
    {
        Assert.Equal(detectron2, BackboneNames.ToDetectron2(torchvision));
        Assert.Equal(torchvision, BackboneNames.ToTorchvision(detectron2));
    }

    [Theory]
    [MemberData(nameof(Depths))]
    public void EveryName_ComesBackAndNoTwoMeet(int depth)
    {
        string[] names = [.. ResNetLayout.Of(depth).Select(l => l.Name)];
        string[] renamed = [.. names.Select(BackboneNames.ToDetectron2)];

        Assert.Equal(names, renamed.Select(BackboneNames.ToTorchvision));
        Assert.Equal(names.Length, renamed.Distinct().Count());
    }

    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(NameLists))]
    public void RecordedNames_AreRenamedAsTheReferenceDid(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Testing.Golden.Require(Folder, name)));
        JsonElement expected = document.RootElement;
        WeightFile input = Read(expected.GetProperty("input").GetString()!);
        CheckpointMap output = Read(expected.GetProperty("output").GetString()!).File.Map.GetMap("model");

        var converted = BackboneConversion.ToDetectron2(input);

        Assert.Equal(
            expected.GetProperty("renames").EnumerateArray().Select(r => r[1].GetString()).OfType<string>()
                .Order(StringComparer.Ordinal),
            converted.Select(t => t.Key).Order(StringComparer.Ordinal));
        Assert.All(converted, t => Golden.GoldenTensors.AssertEqual(output.GetTensor(t.Key), t.Value, t.Key));
        Assert.Equal(expected.GetProperty("author").GetString(), BackboneConversion.Detectron2Author(input));
    }

    private static WeightFile Read(string file) =>
        WeightFile.Recognize(CheckpointFile.Read(Testing.Golden.Require(Folder, file)));
}
