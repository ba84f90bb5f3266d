using TorchSharp;

namespace Dense.Training.Detection.Loop;

/// <summary>Where and how a detection run computes.</summary>
public sealed record DetectionPlacement
{
    /// <summary>The device of network and images.</summary>
    public torch.Device Device { get; init; } = torch.CPU;

    /// <summary>The type of products and convolutions in training.</summary>
    public TrainingNumbers Numbers { get; init; }

    /// <summary>Whether images and convolution weights lie channels-last.</summary>
    public bool ChannelsLast { get; init; }
}
