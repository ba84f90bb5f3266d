using Dense.Configuration;
using Dense.Training.Data;

namespace Dense.Training.Detection.Data;

/// <summary>Reads a file that registers data sets, YAML or JSON: <c>name: {json_file, image_root}</c> (E-91).</summary>
internal static class DatasetRegistrations
{
    private const string AnnotationKey = "json_file";
    private const string FolderKey = "image_root";

    /// <summary>The data sets of a file; relative paths are relative to the file's folder.</summary>
    /// <exception cref="DatasetException">The file is missing or is no such file.</exception>
    public static IReadOnlyList<RegisteredDataset> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new DatasetException(
                $"{path}: the file of registered data sets does not exist. Correct --register-datasets.");
        }

        try
        {
            ConfigurationSection content = ConfigurationFile.Parse(File.ReadAllText(path), path);
            if (content.RepeatedNames is [string repeated, ..])
            {
                throw new DatasetException(
                    $"{path}: the data set '{repeated}' is registered twice. Choose another name for one.");
            }

            return [.. content.Children.Select(entry => ReadEntry(path, entry.Key, entry.Value))];
        }
        catch (ConfigurationException e)
        {
            throw new DatasetException(e.Message, e);
        }
    }

    private static RegisteredDataset ReadEntry(string path, string name, ConfigurationNode node)
    {
        if (node is not ConfigurationSection entry)
            throw Refuse(path, node, name, "expected {json_file: …, image_root: …}");

        if (entry.Children.Keys.FirstOrDefault(k => k is not (AnnotationKey or FolderKey)) is { } unknown)
            throw Refuse(path, entry, name, $"unknown key '{unknown}', expected {AnnotationKey} and {FolderKey}");

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new RegisteredDataset(
            name,
            Path.Combine(folder, Text(FolderKey)),
            Path.Combine(folder, Text(AnnotationKey)),
            HasCocoClasses: false);

        string Text(string key) => entry.Children.GetValueOrDefault(key) is ConfigurationLeaf { Value: string text }
            ? text
            : throw Refuse(path, entry, name, $"'{key}' is missing or not a text");
    }

    private static DatasetException Refuse(string path, ConfigurationNode node, string name, string what) =>
        new($"{path}, line {node.Origin.Line}: the data set '{name}': {what}.");
}
