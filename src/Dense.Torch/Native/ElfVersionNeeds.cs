using System.Buffers.Binary;
using System.Text;

namespace Dense.Torch.Native;

/// <summary>Reads and relaxes the symbol version requirements of an ELF shared library.</summary>
internal static class ElfVersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe; // SHT_GNU_verneed
    private const byte WeakFlag = 2; // VER_FLG_WEAK

    /// <summary>
    /// Marks one version requirement as weak, so that the loader does not refuse the library where the version is
    /// missing. Right only when no relocation refers to a symbol of that version.
    /// </summary>
    /// <param name="image">A little-endian ELF64 file; changed in place.</param>
    /// <param name="version">For example <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>Whether the requirement was found. False for an image whose tables lead outside of it.</returns>
    public static bool Relax(Span<byte> image, string version)
    {
        try
        {
            return RelaxWithin(image, version);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            return false;
        }
    }

    private static bool RelaxWithin(Span<byte> image, string version)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(version + '\0');
        bool found = false;
        int sectionTable = checked((int)ReadUInt64(image, 0x28));
        int sectionSize = ReadUInt16(image, 0x3A);
        int sectionCount = ReadUInt16(image, 0x3C);

        for (int i = 0; i < sectionCount; i++)
        {
            int section = sectionTable + i * sectionSize;
            if (ReadUInt32(image, section + 4) != VersionNeedSection)
                continue;

            int stringSection = sectionTable + (int)ReadUInt32(image, section + 0x28) * sectionSize;
            int strings = checked((int)ReadUInt64(image, stringSection + 0x18));
            int need = checked((int)ReadUInt64(image, section + 0x18));

            for (uint left = ReadUInt32(image, section + 0x2C); left > 0; left--)
            {
                int entry = need + (int)ReadUInt32(image, need + 8);
                for (int entries = ReadUInt16(image, need + 2); entries > 0; entries--)
                {
                    int name = strings + (int)ReadUInt32(image, entry + 8);
                    if (image[name..].StartsWith(wanted))
                    {
                        image[entry + 4] |= WeakFlag;
                        found = true;
                    }

                    entry += (int)ReadUInt32(image, entry + 12);
                }

                need += (int)ReadUInt32(image, need + 12);
            }
        }

        return found;
    }

    private static ulong ReadUInt64(ReadOnlySpan<byte> image, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(image[at..]);

    private static uint ReadUInt32(ReadOnlySpan<byte> image, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(image[at..]);

    private static ushort ReadUInt16(ReadOnlySpan<byte> image, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(image[at..]);
}
