namespace Dense.Testing;

/// <summary>Damaged copies of a file.</summary>
public static class Mutant
{
    /// <summary>A copy with one to four damages: bytes changed, put in, cut out or doubled, an absurd length.</summary>
    /// <param name="whole">The file, not empty.</param>
    /// <param name="random">Says where and what.</param>
    /// <param name="longest">The most bytes that are cut out or doubled at once.</param>
    public static byte[] Of(byte[] whole, Random random, int longest)
    {
        var bytes = new List<byte>(whole);
        for (int n = random.Next(1, 5); n > 0 && bytes.Count > 0; n--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, longest + 1), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 3:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 5:
                    // Eight bytes that as a number are very large, or just below the largest.
                    for (int i = at; i < Math.Min(at + 8, bytes.Count); i++)
                        bytes[i] = i == at + 7 && random.Next(2) == 0 ? (byte)0x7F : (byte)0xFF;

                    break;
                default:
                    // The tail of a zip file is its directory: damage it more often than chance would.
                    bytes[Math.Max(0, bytes.Count - 1 - random.Next(300))] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }
}
