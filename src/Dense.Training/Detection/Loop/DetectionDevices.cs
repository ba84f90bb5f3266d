using Dense.Configuration;
using Dense.Training.Detection.Settings;
using TorchSharp;

namespace Dense.Training.Detection.Loop;

/// <summary>Chooses where a detection run computes (MODEL.DEVICE, E-24).</summary>
public static class DetectionDevices
{
    /// <summary>The placement that settings ask for.</summary>
    /// <param name="configuration">The run.</param>
    /// <param name="options">Whether to train in bfloat16, and where if not on MODEL.DEVICE.</param>
    /// <exception cref="ConfigurationException">There is no such device here, or it cannot train in
    /// float16.</exception>
    public static DetectionPlacement Of(DetectionConfiguration configuration, DetectionRunOptions options)
    {
        DetectionRunSettings settings = configuration.Settings;
        torch.Device device = DeviceOf(configuration, options.Device ?? settings.Device);
        bool float16 = settings.Solver.MixedPrecision;
        if (float16 && device.type != DeviceType.CUDA)
        {
            throw new ConfigurationException(configuration.Problem("SOLVER.AMP.ENABLED",
                "float16 training needs a CUDA device. Set it to False, or give --amp bf16, which also runs on a "
                    + "CPU."));
        }

        if (settings.Precision != MatmulPrecision.LibraryDefault)
        {
            torch.backends.cuda.matmul.allow_tf32 = settings.Precision != MatmulPrecision.Highest;
            torch.backends.cudnn.allow_tf32 = settings.Precision != MatmulPrecision.Highest;
        }

        return new DetectionPlacement
        {
            Device = device,
            Numbers = options.BFloat16 ? TrainingNumbers.BFloat16
                : float16 ? TrainingNumbers.Float16
                : TrainingNumbers.Float32,
        };
    }

    private static torch.Device DeviceOf(DetectionConfiguration configuration, string name)
    {
        if (name == "cpu")
            return torch.CPU;

        int number = name.Contains(':') ? int.Parse(name.AsSpan(name.IndexOf(':') + 1)) : 0;
        if (number < torch.cuda.device_count())
            return torch.device(DeviceType.CUDA, number);

        throw new ConfigurationException(configuration.Problem("MODEL.DEVICE",
            $"expected a device of this machine, found {name}; it has {torch.cuda.device_count()} CUDA devices. Add "
            + "MODEL.DEVICE cpu or --num-gpus 0 to compute on the CPU, or run: densecl doctor"));
    }
}
