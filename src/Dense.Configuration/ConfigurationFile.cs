using System.Text;
using Dense.Configuration.Literals;
using Dense.Configuration.Yaml;

namespace Dense.Configuration;

/// <summary>
/// Reads configuration files: the YAML dialect of detectron2 with <c>_BASE_</c> inheritance (E-1 to E-6).
/// </summary>
public static class ConfigurationFile
{
    /// <summary>The key that names the file or files to inherit from.</summary>
    public const string BaseKey = "_BASE_";

    private const int MaximumBytes = 1 << 20;
    private const int MaximumInheritance = 20;

    /// <summary>Reads a file and what it inherits from.</summary>
    /// <param name="path">The file. Names in <c>_BASE_</c> are relative to the file that holds them; <c>~</c> is
    /// home.</param>
    /// <exception cref="ConfigurationException">A file is missing, malformed, or inherits from itself.</exception>
    public static ConfigurationSection Load(string path) => Load(path, []);

    /// <summary>Reads a text that stands for a file without inheritance.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="ConfigurationException">The text is malformed or has a <c>_BASE_</c>.</exception>
    public static ConfigurationSection Parse(string text, string name)
    {
        ConfigurationSection section = YamlReader.Read(RequirePrintable(text, name), name);
        return section.Find(BaseKey) is not { } inherit
            ? section
            : throw new ConfigurationException(new Problem(BaseKey, inherit.Origin, "only a file can inherit."));
    }

    private static ConfigurationSection Load(string path, IReadOnlyList<string> chain)
    {
        string full = FullPath(path);
        if (chain.Contains(full))
            throw Refuse(path, $"inherits from itself: {string.Join(" → ", [.. chain, full])}. Remove one {BaseKey}.");
        if (chain.Count == MaximumInheritance)
            throw Refuse(path, $"is the end of a chain of more than {MaximumInheritance} files.");

        ConfigurationSection own = YamlReader.Read(ReadText(path), path);
        var merged = ConfigurationSection.Empty;
        foreach (string name in BaseNames(own))
            merged = merged.MergedWith(Load(Resolve(name, path), [.. chain, full]));

        return merged.MergedWith(own.Without(BaseKey));
    }

    private static IEnumerable<string> BaseNames(ConfigurationSection section)
    {
        ConfigurationNode? node = section.Find(BaseKey);
        return node switch
        {
            null => [],
            ConfigurationLeaf { Value: string name } => [name],
            ConfigurationLeaf { Value: Sequence names } when names.Items.All(n => n is string) =>
                names.Items.Cast<string>(),
            _ => throw new ConfigurationException(new Problem(
                BaseKey, node.Origin, "must be a file name or a list of file names.")),
        };
    }

    private static string Resolve(string name, string from)
    {
        if (name.StartsWith("http://", StringComparison.Ordinal)
            || name.StartsWith("https://", StringComparison.Ordinal))
        {
            throw Refuse(from, $"{BaseKey} names the address {name}; download the file and name it by its path.");
        }

        if (name == "~" || name.StartsWith("~/", StringComparison.Ordinal))
            return Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + name[1..];

        return Path.Combine(Path.GetDirectoryName(from) ?? "", name);
    }

    private static string FullPath(string path)
    {
        if (path.Length == 0 || path.Contains('\0'))
            throw Refuse("(no name)", "expected the name of a configuration file.");

        return Path.GetFullPath(path);
    }

    private static string ReadText(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            var bytes = new byte[MaximumBytes + 1];
            int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count > MaximumBytes)
                throw Refuse(path, $"is larger than {MaximumBytes} bytes: not a configuration.");

            var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            return RequirePrintable(encoding.GetString(bytes.AsSpan(0, count)).TrimStart('\uFEFF'), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Refuse(path, "no such configuration file. Check the path; it is relative to the working directory, "
                + $"names in {BaseKey} to the file that holds them.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Refuse(path, $"cannot be read: {e.Message}");
        }
        catch (DecoderFallbackException)
        {
            throw Refuse(path, "is not UTF-8 text: not a configuration, or saved in another encoding.");
        }
    }

    // The characters that YAML allows. A lone surrogate cannot come from UTF-8, only from a text in memory.
    private static string RequirePrintable(string text, string name)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool allowed = c is '\t' or '\n' or '\r' or '\u0085' or (>= ' ' and <= '~') or (>= '\u00A0' and < '\uFFFE');
            if (allowed && char.IsSurrogate(c))
            {
                allowed = char.IsSurrogatePair(text, i);
                i++;
            }

            if (!allowed)
            {
                int line = text.AsSpan(0, Math.Min(i, text.Length)).Count('\n') + 1;
                throw new ConfigurationException(new Problem(
                    "", Origin.InFile(name, line), $"the character U+{(int)c:X4} is not text: not a configuration."));
            }
        }

        return text;
    }

    private static ConfigurationException Refuse(string path, string message) =>
        new(new Problem("", Origin.InFile(path, 0), message));
}
