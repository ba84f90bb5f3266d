using System.Buffers.Binary;

namespace Dense.Imaging.Tests.Decode;

/// <summary>R5: whatever the bytes, only the declared exception, and memory stays bounded.</summary>
public sealed class DecoderFuzzTests
{
    private const long MaxPixels = 1 << 20;
    private const long MaxGrowthBytes = 64 << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decoder_ThrowsOnlyItsOwnExceptionOnDamagedFiles(bool useTurboJpeg) => Fuzz(10_000, 1, useTurboJpeg);

    [Fact]
    [Trait("Category", "Soak")]
    public void Decoder_ThrowsOnlyItsOwnExceptionOnAMillionDamagedFiles() => Fuzz(1_000_000, 2, useTurboJpeg: true);

    private static void Fuzz(int count, ulong seed, bool useTurboJpeg)
    {
        using ImageDecoder decoder = new(new ImageDecoderSettings
        {
            UseTurboJpeg = useTurboJpeg,
            MaxPixels = MaxPixels,
            ApplyExifOrientation = true,
        });
        RgbImage image = new();
        int refused = 0;
        foreach (byte[] file in SmallImages.All)
            decoder.Decode(file, "whole", image);

        long before = Environment.WorkingSet;
        for (int i = 0; i < count; i++)
        {
            SampleRandom random = new(seed, 0, i, 0);
            byte[] damaged = Damage(SmallImages.All[random.NextInteger(SmallImages.All.Length)], ref random);
            try
            {
                decoder.Decode(damaged, "damaged", image);
                Assert.InRange((long)image.Width * image.Height, 1, MaxPixels);
            }
            catch (ImageDecodeException e)
            {
                Assert.StartsWith("damaged: ", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, count / 10, count - 1);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, MaxGrowthBytes);
    }

    private static byte[] Damage(byte[] file, ref SampleRandom random)
    {
        byte[] damaged = [.. file];
        int times = 1 + random.NextInteger(4);
        for (int i = 0; i < times && damaged.Length > 8; i++)
        {
            int at = random.NextInteger(damaged.Length - 1);
            int length = random.NextInteger(Math.Min(16, damaged.Length - at));
            switch (random.NextInteger(7))
            {
                case 0:
                    damaged[at] ^= (byte)(1 << random.NextInteger(8));
                    break;
                case 1:
                    damaged[at] = (byte)random.NextInteger(256);
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt16BigEndian(damaged.AsSpan(at), (ushort)random.NextInteger(65536));
                    break;
                case 3:
                    damaged = [.. damaged[..at], .. damaged[(at + length)..]];
                    break;
                case 4:
                    damaged = [.. damaged[..at], .. damaged[at..(at + length)], .. damaged[at..]];
                    break;
                case 5:
                    damaged = damaged[..at];
                    break;
                default:
                    damaged.AsSpan(at, length).Fill(random.NextInteger(2) == 0 ? (byte)0xFF : (byte)0);
                    break;
            }
        }

        return damaged;
    }
}
