namespace Dense.Coco.Tests.Fuzz;

/// <summary>Damages a valid file in a few random places.</summary>
internal static class Mutation
{
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "null", "true", "[]", "{}", "-1", "1e999", "NaN", "99999999999999999999", "\"x\"", "[", "]", "{", "}", ",",
                ":", "\\u0000",
            "-0.0", "4294967296", "\"counts\"", "\"size\"", "1e308", "[[]]", "[[1,2,3,4,5,6]]", "\\ud800",
            "2147483648", "0.1e-400",
        }.Select(System.Text.Encoding.ASCII.GetBytes),
    ];

    /// <summary>A damaged copy.</summary>
    public static byte[] Of(byte[] valid, Random random)
    {
        List<byte> bytes = [.. valid];
        for (int changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Words[random.Next(Words.Length)]);
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    ReplaceNumber(bytes, at, random);
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at)));
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. bytes];
    }

    // Damage that stays valid JSON reaches further in.
    private static void ReplaceNumber(List<byte> bytes, int at, Random random)
    {
        while (at < bytes.Count && !char.IsAsciiDigit((char)bytes[at]))
            at++;

        int end = at;
        while (end < bytes.Count && (char.IsAsciiDigit((char)bytes[end]) || bytes[end] == '.'))
            end++;

        bytes.RemoveRange(at, end - at);
        bytes.InsertRange(at, Words[random.Next(Words.Length)]);
    }
}
