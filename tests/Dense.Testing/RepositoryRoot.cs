namespace Dense.Testing;

/// <summary>The folder that holds the solution.</summary>
public static class RepositoryRoot
{
    /// <summary>Its full path.</summary>
    public static string Path { get; } = Find();

    /// <summary>A path below it.</summary>
    public static string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "densecl.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No densecl.slnx above {AppContext.BaseDirectory}.");
    }
}
