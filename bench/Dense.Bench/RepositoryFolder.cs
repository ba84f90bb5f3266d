namespace Dense.Bench;

/// <summary>The repository that the benches were built in.</summary>
internal static class RepositoryFolder
{
    /// <summary>Its path; null when the benches were moved elsewhere.</summary>
    public static string? Root
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "densecl.slnx")))
                folder = folder.Parent;
            return folder?.FullName;
        }
    }

    /// <summary>The command line program, which src/Dense.Cli builds.</summary>
    public static string Program =>
        Root is { } root ? Path.Combine(root, "src/Dense.Cli/bin/Release/net10.0/linux-x64/densecl") : "densecl";

    /// <summary>A path in the data that lies beside the repository; null when it is not there.</summary>
    public static string? SharedData(params string[] parts)
    {
        string path = Path.Combine([Root ?? "", "..", "shared", "data", .. parts]);
        return Path.Exists(path) ? Path.GetFullPath(path) : null;
    }
}
