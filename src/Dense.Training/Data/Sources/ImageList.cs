using System.Globalization;
using System.Text;

namespace Dense.Training.Data.Sources;

/// <summary>
/// Opens list files: one image per line, as a path relative to a root folder, with or without a class number behind it
/// (P-70).
/// </summary>
public static class ImageList
{
    /// <summary>
    /// Reads a list. It has labels if and only if its first line consists of exactly two fields, <c>path label</c>. The
    /// images themselves are not touched.
    /// </summary>
    /// <param name="root">The folder that the paths are relative to.</param>
    /// <param name="listFile">The list, UTF-8.</param>
    /// <exception cref="DatasetException">The root or list is missing, the list is empty, or a line is malformed or
    /// leads out of the root; the message names the line.</exception>
    public static IImageSource Open(string root, string listFile)
    {
        if (!Directory.Exists(root))
        {
            throw new DatasetException(
                $"{root}: this image folder does not exist. The paths in {listFile} are relative to it: " +
                "correct the data set's root.");
        }

        string[] lines = ReadLines(listFile);
        bool labelled = Fields(lines[0]).Length == 2;
        var names = new string[lines.Length];
        int[]? labels = labelled ? new int[lines.Length] : null;
        string prefix = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) + Path.DirectorySeparatorChar;
        for (int i = 0; i < lines.Length; i++)
        {
            string where = $"{listFile}, line {i + 1}";
            string name = lines[i].Trim();
            if (labels is not null)
                (name, labels[i]) = ParseLabelled(name, where);

            names[i] = CheckName(name, prefix, where);
        }

        return new FileImageSource(root, listFile, new ImageIndex(names, labels));
    }

    private static string[] ReadLines(string listFile)
    {
        try
        {
            string[] lines = File.ReadAllLines(listFile, Encoding.UTF8);
            int count = lines.Length;
            while (count > 0 && string.IsNullOrWhiteSpace(lines[count - 1]))
                count--;

            return count > 0 ? lines[..count] : throw new DatasetException(
                $"{listFile}: the image list is empty. Expected one image per line, as a path relative to " +
                "the root folder.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{listFile}: the image list cannot be read: {e.Message} Correct its path.", e);
        }
    }

    private static string[] Fields(string line) =>
        line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static (string Name, int Label) ParseLabelled(string line, string where)
    {
        string[] fields = Fields(line);
        if (fields.Length == 2 &&
            int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int label)
            && label < int.MaxValue)
        {
            return (fields[0], label);
        }

        throw new DatasetException(
            $"{where}: expected a path and a class number (0, 1, …), found {Quote(line)}. The first line of the " +
            "list has two " +
            "fields, so every line needs both: correct this one, or remove the labels. Paths in labelled lists " +
            "have no blanks.");
    }

    private static string CheckName(string name, string prefix, string where)
    {
        if (name.Length == 0 || name.Any(char.IsControl))
        {
            throw new DatasetException(
                $"{where}: expected the path of an image, found {Quote(name)}. Is this file a list of images? " +
                "Remove the line.");
        }

        string full = Path.GetFullPath(Path.Combine(prefix, name));
        if (!full.StartsWith(prefix, StringComparison.Ordinal))
        {
            throw new DatasetException(
                $"{where}: {Quote(name)} leads out of the root folder {prefix}. Paths are relative to the " +
                "root: correct the line, or choose a root that holds all images.");
        }

        return name;
    }

    private static string Quote(string text)
    {
        const int longest = 80;
        var quoted = new StringBuilder("'");
        foreach (char c in text.Take(longest))
            quoted.Append(char.IsControl(c) ? '?' : c);

        return quoted.Append(text.Length > longest ? "…'" : "'").ToString();
    }
}
