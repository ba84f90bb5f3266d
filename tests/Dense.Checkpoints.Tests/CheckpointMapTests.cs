namespace Dense.Checkpoints.Tests;

public class CheckpointMapTests
{
    [Fact]
    public void Getters_ReturnWhatWasWritten()
    {
        CheckpointMap read = CheckpointFile.Read(Samples.Zip(), "epoch_3.pth").Map;

        Assert.Equal(3, read.GetMap("meta").GetInt64("epoch"));
        Assert.Equal(3.0, read.GetMap("meta").GetDouble("epoch"));
        Assert.Equal("text ✓", read.GetMap("meta").GetString("note"));
        Assert.True(read.GetMap("meta").GetBool("flag"));
        Assert.Null(read.GetMap("meta")["nothing"]);
        var group = (CheckpointMap)read.GetMap("optimizer").GetList("param_groups")[0]!;
        Assert.Equal([0L, 1L], group.GetList("params"));
        Assert.Equal([2L], read.GetMap("optimizer").GetMap("state").GetMap(0).GetTensor("momentum_buffer").Shape);
    }

    [Fact]
    public void MissingKey_NamesTheFileThePlaceAndTheKeysThatAreThere()
    {
        CheckpointMap optimizer = CheckpointFile.Read(Samples.Zip(), "epoch_3.pth").Map.GetMap("optimizer");

        var refusal = Assert.Throws<CheckpointFormatException>(() => optimizer.GetMap("stat"));

        Assert.Equal("epoch_3.pth: optimizer: no entry 'stat'; it holds 'state', 'param_groups'.", refusal.Message);
    }

    [Fact]
    public void WrongKind_SaysWhatWasExpectedAndFound()
    {
        CheckpointMap state = CheckpointFile.Read(Samples.Zip(), "epoch_3.pth").Map.GetMap("state_dict");

        var refusal = Assert.Throws<CheckpointFormatException>(() => state.GetInt64("w"));

        Assert.Equal(
            "epoch_3.pth: state_dict: 'w' should be a whole number, but is a tensor Float32 [2, 2].", refusal.Message);
    }

    [Fact]
    public void FileThatIsNoMap_IsRefusedWhenAMapIsAskedFor()
    {
        CheckpointFile read = CheckpointFile.Read(new PickleBytes().Protocol(2).Op("K\u0007.").ToArray(), "seven.pkl");

        Assert.Contains(
            "the whole number 7", Assert.Throws<CheckpointFormatException>(() => read.Map).Message,
            StringComparison.Ordinal);
    }
}
