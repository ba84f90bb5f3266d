using static TorchSharp.torch;

namespace Dense.Torch;

/// <summary>The state of libtorch's default generator on the CPU, from which initial weights are drawn.</summary>
public static class TorchRandom
{
    /// <summary>Reads the state; <see cref="SetState"/> with it makes the following draws repeat.</summary>
    public static byte[] GetState()
    {
        using Tensor state = random.get_rng_state();
        return state.bytes.ToArray();
    }

    /// <summary>Restores a state that <see cref="GetState"/> returned.</summary>
    /// <exception cref="ArgumentException">The bytes are not a generator state.</exception>
    public static void SetState(ReadOnlySpan<byte> state)
    {
        using Tensor current = random.get_rng_state();
        if (current.numel() != state.Length)
        {
            throw new ArgumentException(
                $"A generator state has {current.numel()} bytes, not {state.Length}.", nameof(state));
        }

        using Tensor tensor = empty(state.Length, ScalarType.Byte);
        state.CopyTo(tensor.bytes);
        random.set_rng_state(tensor);
    }
}
