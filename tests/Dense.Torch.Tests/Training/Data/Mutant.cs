namespace Dense.Torch.Tests.Training.Data;

/// <summary>Damaged copies of a file: bytes changed, cut out, doubled or cut off.</summary>
internal static class Mutant
{
    public static byte[] Of(byte[] whole, Random random)
    {
        var bytes = new List<byte>(whole);
        for (int n = random.Next(1, 4); n > 0 && bytes.Count > 0; n--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 64), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = 0xFF;
                    break;
                case 3:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                default:
                    // The tail of a zip file is its directory: damage it more often than chance would.
                    int near = Math.Max(0, bytes.Count - 1 - random.Next(Math.Min(bytes.Count, 300)));
                    bytes[near] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }
}
