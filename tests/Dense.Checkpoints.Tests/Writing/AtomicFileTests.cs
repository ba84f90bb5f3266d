namespace Dense.Checkpoints.Tests.Writing;

public class AtomicFileTests
{
    [Fact]
    public void Write_ReplacesTheFileAndLeavesNothingElse()
    {
        using var folder = new TempFolder();
        string path = folder["epoch_1.pth"];
        File.WriteAllText(path, "old");

        AtomicFile.WriteText(path, "new");

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_KeepsTheOldFileWhenItFails()
    {
        using var folder = new TempFolder();
        string path = folder["epoch_1.pth"];
        File.WriteAllText(path, "old");

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_KeepsTheOldFileAndSaysSoWhenTheDiskIsFull()
    {
        using var folder = new TempFolder();
        string path = folder["epoch_1.pth"];
        File.WriteAllText(path, "old");

        // A device that answers every write as a full disk does.
        IOException refusal = Assert.Throws<IOException>(() => AtomicFile.Write(path, _ =>
        {
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
            full.Write(new byte[100_000]);
        }));

        Assert.Contains("epoch_1.pth", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("is full", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_NamesAMissingFolder()
    {
        using var folder = new TempFolder();

        var refusal = Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.WriteText(
            folder["none/epoch_1.pth"], ""));

        Assert.Contains("Create it first", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NamesAFolderThatCannotBeWritten()
    {
        // Nobody, not even root, creates files here.
        IOException refusal = Assert.ThrowsAny<IOException>(() => AtomicFile.WriteText("/proc/self/epoch_1.pth", ""));

        Assert.Contains("/proc/self/epoch_1.pth", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_RefusesAFolderAsFile()
    {
        using var folder = new TempFolder();

        Assert.Contains("it is a folder",
            Assert.Throws<IOException>(() => AtomicFile.WriteText(folder.Path, "")).Message, StringComparison.Ordinal);
    }
}
