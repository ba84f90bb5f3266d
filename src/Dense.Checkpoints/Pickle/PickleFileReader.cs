using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Pickle;

/// <summary>Reads a file that is one plain pickle, such as detectron2's <c>.pkl</c>.</summary>
internal static class PickleFileReader
{
    /// <summary>Reads the value.</summary>
    /// <exception cref="CheckpointFormatException">The pickle is damaged, or bytes follow it.</exception>
    public static object? Read(ByteSource source, CheckpointReadOptions options) =>
        PickleFinish.Read(source, options, ReadObject);

    private static object? ReadObject(ByteSource source, PickleContext context)
    {
        var input = new PickleInput(source);
        object? value = PickleMachine.Run(input, context);
        if (input.Position != source.Length)
        {
            throw source.Refuse(input.Position, $"the pickle ends here, but {source.Length - input.Position} bytes " +
                "follow it. The file is damaged, or hides a second pickle.");
        }

        return value;
    }
}
