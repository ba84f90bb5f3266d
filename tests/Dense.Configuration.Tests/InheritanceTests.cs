namespace Dense.Configuration.Tests;

/// <summary><c>_BASE_</c> (E-4 to E-6).</summary>
public class InheritanceTests
{
    private static object? Value(ConfigurationSection section, string key) =>
        ((ConfigurationLeaf)section.Find(key)!).Value;

    [Fact]
    public void File_InheritsRelativeToItselfAndWinsOverItsBases()
    {
        using var folder = new TempFolder();
        folder.Write("root.yaml", "A: {X: 1, Y: 2}\nB: [1, 2]\n");
        folder.Write("sub/middle.yaml", "_BASE_: ../root.yaml\nA:\n  Y: 3\n");
        string top = folder.Write("sub/deep/top.yaml", "_BASE_: ../middle.yaml\nB: [9]\n");

        ConfigurationSection read = ConfigurationFile.Load(top);

        Assert.Equal(1L, Value(read, "A.X"));
        Assert.Equal(3L, Value(read, "A.Y"));
        Assert.Equal(2, read.Find("A.Y")!.Origin.Line - 1);
        Assert.EndsWith("middle.yaml", read.Find("A.Y")!.Origin.File);
        Assert.Equal("[9]", read.Find("B")!.ToString());
        Assert.Null(read.Find("_BASE_"));
    }

    [Fact]
    public void File_InheritsFromSeveralBasesOfWhichTheLastWins()
    {
        using var folder = new TempFolder();
        folder.Write("a.yaml", "X: 1\nY: 1\n");
        folder.Write("b.yaml", "Y: 2\n");
        string top = folder.Write("top.yaml", "_BASE_: [a.yaml, b.yaml]\n");

        ConfigurationSection read = ConfigurationFile.Load(top);

        Assert.Equal(1L, Value(read, "X"));
        Assert.Equal(2L, Value(read, "Y"));
    }

    [Fact]
    public void File_IsRefusedWithTheChainWhenItInheritsFromItself()
    {
        using var folder = new TempFolder();
        folder.Write("a.yaml", "_BASE_: b.yaml\n");
        string b = folder.Write("b.yaml", "_BASE_: a.yaml\n");

        var e = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(b));

        Assert.Contains("a.yaml → ", e.Message);
        Assert.Contains("inherits from itself", e.Message);
    }

    [Theory]
    [InlineData("_BASE_: missing.yaml\n", "missing.yaml")]
    [InlineData("_BASE_: 5\n", "file name")]
    [InlineData("_BASE_: https://example.org/a.yaml\n", "download")]
    [InlineData("_BASE_: base.yaml\nLEAF:\n  BELOW: 1\n", "cannot inherit")]
    [InlineData("- 1\n", "top level")]
    [InlineData("A: [\n", "YAML")]
    [InlineData("A: 1\n---\nB: 2\n", "second")]
    [InlineData("A: *nothing\n", "nothing")]
    [InlineData("A: &a [*a]\n", "part of")]
    [InlineData("5: 1\n", "name")]
    [InlineData("A: [{B: 1}]\n", "mapping")]
    [InlineData("A: \0\n", "U+0000")]
    public void File_IsRefusedWithAReason(string text, string reason)
    {
        using var folder = new TempFolder();
        folder.Write("base.yaml", "LEAF: 1\n");
        string path = folder.Write("top.yaml", text);

        var e = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(path));

        Assert.Contains(reason, e.Message);
        Assert.Contains("yaml", e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("nowhere/x.yaml")]
    public void Load_RefusesWhatIsNoFile(string path) =>
        Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(path));

    [Fact]
    public void File_IsAnEmptySectionWhenItIsEmpty()
    {
        using var folder = new TempFolder();

        Assert.Empty(ConfigurationFile.Load(folder.Write("empty.yaml", "")).Children);
        Assert.Empty(ConfigurationFile.Load(folder.Write("comment.yaml", "# nothing\n")).Children);
    }

    [Fact]
    public void File_IsRefusedWhenItIsNotText()
    {
        using var folder = new TempFolder();
        string path = System.IO.Path.Combine(folder.Path, "binary.yaml");
        File.WriteAllBytes(path, [0xFF, 0xFE, 0x80, 0x00]);

        Assert.Contains("UTF-8", Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(path)).Message);
    }

    [Fact]
    public void File_IsRefusedWhenItIsHuge()
    {
        using var folder = new TempFolder();
        string path = folder.Write("huge.yaml", "A: " + new string('x', 2 << 20));

        Assert.Contains("larger", Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(path)).Message);
    }

    [Fact]
    public void Text_IsRefusedWhenItsAliasesMultiply()
    {
        var text = new System.Text.StringBuilder("A0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++)
            text.Append($"A{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        Assert.Contains("aliases",
            Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(text.ToString(), "bomb")).Message);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{A: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Text_IsRefusedWhenItIsNestedDeeply(string open)
    {
        string text = "A:\n  " + string.Concat(Enumerable.Repeat(open, 50_000));

        Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(text, "deep"));
    }

    [Fact]
    public void RenamedKey_MovesToItsNewName()
    {
        ConfigurationSection read =
            ConfigurationFile.Parse("MODEL: {WEIGHT: a.pkl}\nTEST: {AUG_ON: true}\n", "old.yaml");

        ConfigurationSection renamed =
            read.Renamed("MODEL.WEIGHT", "MODEL.WEIGHTS").Renamed("TEST.AUG_ON", "TEST.AUG.ENABLED");

        Assert.Equal("a.pkl", Value(renamed, "MODEL.WEIGHTS"));
        Assert.Equal(true, Value(renamed, "TEST.AUG.ENABLED"));
        Assert.Null(renamed.Find("MODEL.WEIGHT"));
        Assert.Null(renamed.Find("TEST.AUG_ON"));
        Assert.Same(renamed, renamed.Renamed("ABSENT", "OTHER"));
    }
}
