namespace Dense.Bench;

/// <summary>Where the golden data lies: in the folder <c>DENSE_GOLDEN</c>, else beside the repository.</summary>
internal static class GoldenFolder
{
    /// <summary>A path below it; null when there is none.</summary>
    public static string? Find(params string[] parts)
    {
        string root = Environment.GetEnvironmentVariable("DENSE_GOLDEN")
            ?? Path.Combine(RepositoryFolder.Root ?? "", "..", "shared", "golden");
        string path = Path.Combine([root, .. parts]);
        return Path.Exists(path) ? path : null;
    }
}
