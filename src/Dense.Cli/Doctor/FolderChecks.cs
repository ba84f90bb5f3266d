using Dense.Hub;

namespace Dense.Cli.Doctor;

/// <summary>Folders that densecl writes to.</summary>
internal static class FolderChecks
{
    public static IEnumerable<Finding> Run() =>
    [
        Writable("temporary folder", Path.GetTempPath(), "TMPDIR"),
        Writable("model cache", ModelCache.DefaultFolder(Environment.GetEnvironmentVariable), ModelCache.Variable),
    ];

    private static Finding Writable(string subject, string folder, string variable)
    {
        try
        {
            // The cache is created at its first use; until then the nearest folder above it must be writable.
            string existing = folder;
            while (!Directory.Exists(existing))
                existing = Path.GetDirectoryName(existing) ?? "/";

            string probe = Path.Combine(existing, $".densecl-{Environment.ProcessId}");
            using (File.Create(probe, bufferSize: 1, FileOptions.DeleteOnClose))
                return Finding.Ok(subject, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Warn(
                subject, $"{folder} cannot be written: {e.Message}", $"Name another folder with {variable}.");
        }
    }
}
