using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Tensors;

/// <summary>Brings tensors to the side where they can be compared.</summary>
internal static class TensorValues
{
    /// <summary>All values in row-major order, widened to double.</summary>
    public static double[] Doubles(this Tensor tensor)
    {
        using Tensor detached = tensor.detach();
        using Tensor wide = detached.to(ScalarType.Float64);
        return MemoryMarshal.Cast<byte, double>(wide.ToRecord().Bytes.Span).ToArray();
    }

    /// <summary>The largest absolute difference; infinite when anything is not a number.</summary>
    public static double Distance(double[] a, double[] b)
    {
        Assert.Equal(a.Length, b.Length);
        double largest = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double difference = Math.Abs(a[i] - b[i]);
            largest = Math.Max(largest, double.IsNaN(difference) ? double.PositiveInfinity : difference);
        }

        return largest;
    }

    /// <summary>The largest absolute difference of two tensors.</summary>
    public static double Distance(Tensor a, Tensor b) => Distance(a.Doubles(), b.Doubles());

    /// <summary>‖a − b‖ / ‖b‖; 0 when both are zero.</summary>
    public static double RelativeDistance(double[] a, double[] b)
    {
        Assert.Equal(a.Length, b.Length);
        double difference = Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum()), size = Norm(b);
        return difference == 0 ? 0 : difference / size;
    }

    /// <summary>The Euclidean norm.</summary>
    public static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));
}
