namespace Dense.Cli.Prediction;

/// <summary>An image to look at, and the name that its results go by.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">Relative to the folder it was found in; distinct.</param>
internal sealed record InputFile(string Path, string Name)
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"];

    /// <summary>Expands what a user names: image files, folders of images, text files with a path per line.</summary>
    /// <exception cref="UsageException">Something does not exist, or there is no image.</exception>
    public static IReadOnlyList<InputFile> Expand(IReadOnlyList<string> inputs)
    {
        InputFile[] files = [.. inputs.SelectMany(Expand)];
        if (files.Length == 0)
        {
            throw new UsageException(
                $"--input {string.Join(' ', inputs)}: no image found there. Looked for "
                    + $"{string.Join(", ", Extensions)}.");
        }

        return Distinct(files);
    }

    private static IEnumerable<InputFile> Expand(string input)
    {
        if (Directory.Exists(input))
        {
            return Directory.EnumerateFiles(input, "*", SearchOption.AllDirectories)
                .Where(IsImage)
                .Order(StringComparer.Ordinal)
                .Select(path => new InputFile(path, System.IO.Path.GetRelativePath(input, path)));
        }

        if (!File.Exists(input))
            throw new UsageException($"--input {input}: there is no such file or folder.");

        if (!System.IO.Path.GetExtension(input).Equals(".txt", StringComparison.OrdinalIgnoreCase))
            return [new InputFile(input, System.IO.Path.GetFileName(input))];

        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(input))!;
        return File.ReadLines(input)
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => new InputFile(System.IO.Path.Combine(folder, line), System.IO.Path.GetFileName(line)));
    }

    // Files of one name from several folders: the second becomes name_2 and so on.
    private static InputFile[] Distinct(InputFile[] files)
    {
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        return [.. files.Select(file =>
        {
            int number = seen[file.Name] = seen.GetValueOrDefault(file.Name) + 1;
            return number == 1 ? file : file with
            {
                Name = System.IO.Path.ChangeExtension(file.Name, null) + $"_{number}" + System.IO.Path.GetExtension(
                    file.Name),
            };
        })];
    }

    private static bool IsImage(string path) =>
        Extensions.Contains(System.IO.Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
