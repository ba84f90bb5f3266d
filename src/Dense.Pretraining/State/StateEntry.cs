using Dense.Checkpoints;
using Dense.Torch;
using static TorchSharp.torch;

namespace Dense.Pretraining.State;

/// <summary>One line of a method's state dictionary.</summary>
/// <param name="Name">Its checkpoint name.</param>
/// <param name="Shape">Its shape in the checkpoint.</param>
/// <param name="Read">Copies it out.</param>
/// <param name="Write">Overwrites it with a record of the same shape.</param>
internal sealed record StateEntry(
    string Name, IReadOnlyList<long> Shape, Func<TensorRecord> Read, Action<TensorRecord> Write)
{
    private static readonly long[] ScalarShape = [1];

    /// <summary>An entry that is a tensor, possibly a view of one.</summary>
    public static StateEntry Of(string name, Tensor tensor) =>
        new(name, tensor.shape, tensor.ToRecord, record => record.CopyTo(tensor));

    /// <summary>An int64 entry of shape (1) that the program keeps as a number.</summary>
    public static StateEntry Of(string name, Func<long> get, Action<long> set) => new(
        name,
        ScalarShape,
        () => new TensorRecord(ElementType.Int64, ScalarShape, BitConverter.GetBytes(get())),
        record =>
        {
            using Tensor value = record.ToTensor();
            set(value.to(ScalarType.Int64).item<long>());
        });
}
