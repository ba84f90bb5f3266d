using System.Buffers.Binary;
using System.Text;

namespace Dense.Torch.Native;

/// <summary>
/// What a shared library asks for and offers: the dynamic symbol table of a little-endian ELF64 file, read without
/// loading the library.
/// </summary>
public sealed class ElfFile
{
    private const uint DynamicSymbols = 11; // SHT_DYNSYM
    private const int SymbolSize = 24;
    private const int SectionHeaderSize = 64;
    private const int LongestSection = 1 << 28;

    private ElfFile(IReadOnlySet<string> exported, IReadOnlyList<string> undefined, byte[] names)
    {
        Exported = exported;
        Undefined = undefined;
        Names = names;
    }

    /// <summary>Symbols that other libraries can use, without versions.</summary>
    public IReadOnlySet<string> Exported { get; }

    /// <summary>Symbols that some other library must provide, weak ones left out.</summary>
    public IReadOnlyList<string> Undefined { get; }

    // The whole string table: names of symbols, of needed libraries, and of symbol versions.
    private byte[] Names { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="NativeLibraryException">It is missing, damaged or no such library.</exception>
    public static ElfFile Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Read(file)
                ?? throw new NativeLibraryException($"{path}: this is not a Linux library (ELF64), or it is damaged.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or OverflowException or IndexOutOfRangeException)
        {
            throw new NativeLibraryException($"{path}: the library cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The highest version of a family that the file names, such as 3.4.30 for <c>GLIBCXX_</c>.</summary>
    /// <returns>Null when it names none.</returns>
    public Version? HighestVersion(string family)
    {
        Version? highest = null;
        foreach (string name in Encoding.ASCII.GetString(Names).Split('\0'))
        {
            if (name.StartsWith(family, StringComparison.Ordinal)
                && Version.TryParse(name[family.Length..], out Version? version)
                && (highest is null || version > highest))
            {
                highest = version;
            }
        }

        return highest;
    }

    private static ElfFile? Read(FileStream file)
    {
        byte[] header = Slice(file, 0, SectionHeaderSize);
        if (!header.AsSpan().StartsWith("\u007FELF\u0002\u0001"u8))
            return null;

        long table = (long)BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(0x28));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x3C));
        byte[] sections = Slice(file, table, (long)count * SectionHeaderSize);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> section = sections.AsSpan(i * SectionHeaderSize, SectionHeaderSize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != DynamicSymbols)
                continue;

            int link = checked((int)BinaryPrimitives.ReadUInt32LittleEndian(section[0x28..]));
            ReadOnlySpan<byte> names = sections.AsSpan(link * SectionHeaderSize, SectionHeaderSize);
            return FromTables(Content(file, section), Content(file, names));
        }

        return null;
    }

    private static ElfFile FromTables(byte[] symbols, byte[] names)
    {
        var exported = new HashSet<string>(symbols.Length / SymbolSize);
        var undefined = new List<string>();
        for (int at = SymbolSize; at + SymbolSize <= symbols.Length; at += SymbolSize)
        {
            ReadOnlySpan<byte> symbol = symbols.AsSpan(at, SymbolSize);
            ReadOnlySpan<byte> rest = names.AsSpan(checked((int)BinaryPrimitives.ReadUInt32LittleEndian(symbol)));
            string name = Encoding.ASCII.GetString(rest[..Math.Max(0, rest.IndexOf((byte)0))]);
            bool weak = symbol[4] >> 4 == 2; // STB_WEAK
            if (BinaryPrimitives.ReadUInt16LittleEndian(symbol[6..]) != 0)
                exported.Add(name);
            else if (!weak)
                undefined.Add(name);
        }

        return new ElfFile(exported, undefined, names);
    }

    private static byte[] Content(FileStream file, ReadOnlySpan<byte> section) => Slice(
        file,
        (long)BinaryPrimitives.ReadUInt64LittleEndian(section[0x18..]),
        (long)BinaryPrimitives.ReadUInt64LittleEndian(section[0x20..]));

    private static byte[] Slice(FileStream file, long offset, long length)
    {
        if (offset < 0 || length is < 0 or > LongestSection || offset > file.Length - length)
        {
            throw new EndOfStreamException($"it ends at byte {file.Length}, but a table lies at {offset} to " +
                $"{offset + length}; it is damaged or incomplete.");
        }

        var bytes = new byte[length];
        file.Position = offset;
        file.ReadExactly(bytes);
        return bytes;
    }
}
