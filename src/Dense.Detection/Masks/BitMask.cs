using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dense.Detection.Masks;

/// <summary>A mask of one bit per pixel, of which the words without a set pixel at both ends are not kept.</summary>
internal sealed class BitMask
{
    private const int WordBits = 64;

    private readonly int _firstWord;
    private readonly ulong[] _words;

    private BitMask(int firstWord, ulong[] words)
    {
        (_firstWord, _words) = (firstWord, words);
        foreach (ulong word in words)
            Area += BitOperations.PopCount(word);
    }

    /// <summary>Set pixels.</summary>
    public int Area { get; }

    /// <summary>Packs pixels; everything but 0 is set.</summary>
    public static BitMask Pack(ReadOnlySpan<byte> pixels)
    {
        int first = pixels.IndexOfAnyExcept((byte)0);
        if (first < 0)
            return new BitMask(0, []);

        int firstWord = first / WordBits, endWord = pixels.LastIndexOfAnyExcept((byte)0) / WordBits + 1;
        ulong[] words = new ulong[endWord - firstWord];
        for (int i = 0; i < words.Length; i++)
            words[i] = Word(pixels[((firstWord + i) * WordBits)..]);

        return new BitMask(firstWord, words);
    }

    /// <summary>Pixels that two masks of equal size share.</summary>
    public int SharedWith(BitMask other)
    {
        int start = Math.Max(_firstWord, other._firstWord);
        int end = Math.Min(_firstWord + _words.Length, other._firstWord + other._words.Length);
        if (start >= end)
            return 0;

        ReadOnlySpan<ulong> a = _words.AsSpan(start - _firstWord, end - start);
        ReadOnlySpan<ulong> b = other._words.AsSpan(start - other._firstWord, end - start);
        int shared = 0;
        for (int i = 0; i < a.Length; i++)
            shared += BitOperations.PopCount(a[i] & b[i]);

        return shared;
    }

    private static ulong Word(ReadOnlySpan<byte> pixels)
    {
        if (pixels.Length >= WordBits && Vector256.IsHardwareAccelerated)
        {
            ref byte start = ref MemoryMarshal.GetReference(pixels);
            return Bits(Vector256.LoadUnsafe(ref start)) | (ulong)Bits(Vector256.LoadUnsafe(ref start, 32)) << 32;
        }

        return ScalarWord(pixels[..Math.Min(pixels.Length, WordBits)]);
    }

    private static ulong ScalarWord(ReadOnlySpan<byte> pixels)
    {
        ulong word = 0;
        for (int i = 0; i < pixels.Length; i++)
            word |= (pixels[i] != 0 ? 1UL : 0) << i;

        return word;
    }

    private static uint Bits(Vector256<byte> pixels) =>
        (~Vector256.Equals(pixels, Vector256<byte>.Zero)).ExtractMostSignificantBits();
}
