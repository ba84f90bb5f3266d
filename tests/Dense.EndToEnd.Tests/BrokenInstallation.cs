namespace Dense.EndToEnd.Tests;

/// <summary>
/// A copy of the program in which a test breaks something. Native libraries are links until they are replaced.
/// </summary>
internal sealed class BrokenInstallation : IDisposable
{
    private readonly TempFolder _folder = new();

    public BrokenInstallation()
    {
        foreach (string file in Directory.GetFiles(Densecl.Folder))
        {
            string target = PathOf(Path.GetFileName(file));
            if (file.EndsWith(".so", StringComparison.Ordinal) || file.Contains(".so.", StringComparison.Ordinal))
                File.CreateSymbolicLink(target, file);
            else if (Path.GetFileName(file) == "densecl" ||
                !Path.GetFileName(file).StartsWith("Dense.EndToEnd", StringComparison.Ordinal))
            {
                File.Copy(file, target);
            }
        }
    }

    public string Folder => _folder.Path;

    public string PathOf(string name) => _folder[name];

    /// <summary>Replaces a library by other bytes; the original stays as it is.</summary>
    public void Replace(string name, byte[] bytes)
    {
        File.Delete(PathOf(name));
        File.WriteAllBytes(PathOf(name), bytes);
    }

    public ChildProcess Run(params string[] arguments) => Densecl.Run(Folder, [], arguments);

    public ChildProcess RunWith(string torchFolder, params string[] arguments) =>
        Densecl.Run(Folder, new() { ["DENSECL_LIBTORCH"] = torchFolder }, arguments);

    public void Dispose() => _folder.Dispose();
}
