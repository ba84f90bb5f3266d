using Dense.Detection;
using Dense.Detection.Fcos;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using Dense.Distributed;

namespace Dense.Training.Detection.Loop;

/// <summary>Builds the detector that a configuration describes, with fresh weights from libtorch's generator.</summary>
public static class DetectorFactory
{
    /// <summary>Creates the detector on the CPU, in training mode.</summary>
    /// <param name="settings">MODEL.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="options">Departures from the reference's SOLOv2; none by default.</param>
    /// <exception cref="ArgumentException">The settings cannot be built; the message holds the reasons.</exception>
    public static Detector Create(
        DetectorSettings settings, ICollectives collectives, SoloOptions? options = null) =>
        settings.Kind == DetectorKind.Fcos
            ? new Fcos(settings, collectives)
            : new SoloV2Detector(settings, collectives, options);
}
