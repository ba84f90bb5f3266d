namespace Dense.Checkpoints.Tests;

public class TensorRecordTests
{
    [Fact]
    public void TensorRecord_CountsElementsOfItsType()
    {
        var record = new TensorRecord(ElementType.Float32, [2, 3], new byte[24]);

        Assert.Equal(6, record.Count);
    }
}
