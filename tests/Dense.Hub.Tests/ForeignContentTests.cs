using CsCheck;

namespace Dense.Hub.Tests;

public class ForeignContentTests
{
    [Fact]
    public void Describe_AcceptsTheBeginningsOfWeightFiles()
    {
        byte[] filler = new byte[600];

        Assert.Null(ForeignContent.Describe([.. "PK\u0003\u0004"u8, .. filler]));
        Assert.Null(ForeignContent.Describe([0x80, 2, .. filler]));
        // safetensors, 123 bytes of header
        Assert.Null(ForeignContent.Describe([(byte)'{', 0, 0, 0, 0, 0, 0, 0, .. "{}"u8, .. filler]));
    }

    [Fact]
    public void Describe_RecognisesAPage_BehindAByteOrderMark() =>
        Assert.Contains("HTML", ForeignContent.Describe([0xEF, 0xBB, 0xBF, (byte)'\n', .. "<HTML>"u8]),
            StringComparison.Ordinal);

    [Fact]
    public void Describe_NeverMistakesBinaryContent() => // 0x80 begins every pickle.
        Gen.Byte.Array[0, 700].Sample(bytes => Assert.Null(ForeignContent.Describe([0x80, .. bytes])));
}
