using System.Buffers.Binary;
using System.Text;
using Dense.Imaging;
using Dense.Training.Data;
using Dense.Training.Data.Sources;

namespace Dense.Torch.Tests.Training.Data;

public class CifarTests
{
    private const int ImageBytes = 3072;

    [Fact]
    public void Cifar10_JoinsItsFiveTrainingFiles()
    {
        using var folder = new TempFolder();
        for (int part = 1; part <= 5; part++)
            folder.Write($"data_batch_{part}", Pickle("labels", Pixels(part, 2), [part, 9 - part]));
        folder.Write("test_batch", Pickle("labels", Pixels(6, 2), [3, 4]));

        using IImageSource training = Cifar.Open(folder.Path, training: true);
        using IImageSource test = Cifar.Open(folder.Path, training: false);

        Assert.Equal([1, 8, 2, 7, 3, 6, 4, 5, 5, 4], ImageSourceTests.LabelsOf(training));
        Assert.Equal("data_batch_2/1.png", training.NameOf(3));
        Assert.Equal(9, training.ClassCount);
        Assert.Equal([3, 4], ImageSourceTests.LabelsOf(test));
    }

    [Fact]
    public void Cifar_YieldsImageFilesWithItsPixels()
    {
        using var folder = new TempFolder();
        byte[] pixels = Pixels(1, 2);
        folder.Write("train", Pickle("fine_labels", pixels, [99, 0]));
        folder.Write("test", []);

        using IImageSource source = Cifar.Open(folder.Path, training: true);
        using var decoder = new ImageDecoder();
        var image = new RgbImage();
        decoder.Decode(ImageSourceTests.BytesOf(source, 1), "1", image);

        Assert.Equal((32, 32), (image.Width, image.Height));
        ReadOnlySpan<byte> planes = pixels.AsSpan(ImageBytes);
        for (int i = 0; i < 1024; i++)
        {
            Assert.Equal((planes[i], planes[1024 + i], planes[2048 + i]),
                (image.Pixels[3 * i], image.Pixels[(3 * i) + 1], image.Pixels[(3 * i) + 2]));
        }
    }

    [Fact]
    public void FolderWithoutCifar_IsRefused()
    {
        using var folder = new TempFolder();

        Assert.Contains("test_batch", Assert.Throws<DatasetException>(() => Cifar.Open(folder.Path, true)).Message);
    }

    [Fact]
    public void LabelsThatDoNotMatchTheImages_AreRefused()
    {
        using var folder = new TempFolder();
        folder.Write("train", []);
        folder.Write("test", Pickle("fine_labels", Pixels(1, 2), [1]));

        Assert.Contains("1 entries for 2 images",
            Assert.Throws<DatasetException>(() => Cifar.Open(folder.Path, false)).Message);
    }

    [Fact]
    public void DamagedPickle_ThrowsNothingButItsOwnException()
    {
        using var folder = new TempFolder();
        byte[] whole = Pickle("fine_labels", Pixels(1, 1), [5]);
        folder.Write("test", whole);
        var random = new Random(1);
        int refused = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] mutant = Mutant.Of(whole, random, longest: 63);
            folder.Write("train", mutant);
            try
            {
                using IImageSource source = Cifar.Open(folder.Path, training: true);
                ImageSourceTests.BytesOf(source, 0);
            }
            catch (DatasetException)
            {
                refused++;
            }
        }

        Assert.True(refused > 100);
    }

    private static byte[] Pixels(int seed, int images)
    {
        byte[] pixels = new byte[images * ImageBytes];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }

    // As Python 2 pickled the published files: protocol 2, names as byte strings, a NumPy array.
    private static byte[] Pickle(string labelKey, byte[] pixels, int[] labels)
    {
        var bytes = new List<byte>();
        void Op(string text) => bytes.AddRange(Encoding.Latin1.GetBytes(text));
        void Int(int value)
        {
            bytes.Add((byte)'J');
            byte[] raw = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(raw, value);
            bytes.AddRange(raw);
        }

        void Name(string name) => Op($"U{(char)name.Length}{name}");

        Op("\x80\x02}(");
        Name("data");
        Op("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01" + "b\x87R(K\x01");
        Int(pixels.Length / ImageBytes);
        Int(ImageBytes);
        Op("\x86" + "cnumpy\ndtype\nU\x02u1K\0K\x01\x87R(K\x03U\x01|NNN");
        Int(-1);
        Int(-1);
        Op("K\0tb\x89T");
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, pixels.Length);
        bytes.AddRange(length);
        bytes.AddRange(pixels);
        Op("tb");
        Name(labelKey);
        Op("](");
        foreach (int label in labels)
            Int(label);
        Op("eu.");
        return [.. bytes];
    }
}
