using Dense.Configuration;
using Dense.Pretraining;
using Dense.Training.Settings;
using TorchSharp;

namespace Dense.Training.Loop;

/// <summary>Chooses where a run computes.</summary>
public static class Placements
{
    /// <summary>Reads device, threads and precision from the settings, and sets libtorch's number of threads.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="device">This process's own device; null for that of the settings.</param>
    /// <exception cref="ConfigurationException">The device does not exist.</exception>
    public static PlacementSettings Of(PretrainingSettings settings, string? device = null)
    {
        torch.set_num_threads(settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount);
        return new PlacementSettings
        {
            Device = DeviceOf(device ?? settings.Device),
            BFloat16 = settings.Precision == TrainingPrecision.BFloat16,
        };
    }

    /// <summary>
    /// The device of a name: <c>auto</c> (CUDA where there is one), <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>.
    /// </summary>
    /// <exception cref="ConfigurationException">There is no such device here.</exception>
    public static torch.Device DeviceOf(string name)
    {
        if (name == "cpu" || (name == "auto" && !torch.cuda.is_available()))
            return torch.CPU;

        int number = name.StartsWith("cuda:", StringComparison.Ordinal) ? int.Parse(name.AsSpan(5)) : 0;
        if (number < torch.cuda.device_count())
            return torch.device(DeviceType.CUDA, number);

        throw new ConfigurationException(new Problem("DEVICE", Origin.Default,
            $"expected a device of this machine, found {name}; it has {torch.cuda.device_count()} CUDA devices. "
            + "Set DEVICE cpu, or run: densecl doctor"));
    }
}
