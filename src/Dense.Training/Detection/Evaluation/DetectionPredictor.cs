using Dense.Detection;
using Dense.Distributed;
using Dense.Imaging;
using Dense.Training.Detection.Data.Mapping;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Evaluation;

/// <summary>A trained detector for images that belong to no data set. For one thread.</summary>
public sealed class DetectionPredictor : IDisposable
{
    private readonly DetectionRunSettings _settings;
    private readonly Detector _detector;
    private readonly DetectionMapper _mapper;
    private readonly Device _device;

    /// <summary>Builds the detector and loads all its weights.</summary>
    /// <param name="configuration">MODEL, INPUT and where to compute.</param>
    /// <param name="weights">A weight file of the whole detector.</param>
    /// <param name="options">What changes the detections; nothing by default.</param>
    /// <exception cref="Checkpoints.CheckpointFormatException">The file does not hold the whole detector.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public DetectionPredictor(
        DetectionConfiguration configuration, string weights, DetectionRunOptions? options = null)
    {
        options ??= new DetectionRunOptions();
        _settings = options.ApplyTo(configuration.Settings);
        _device = DetectionDevices.Of(configuration, options).Device;
        _mapper = new DetectionMapper(_settings.Data);
        _detector = DetectorFactory.Create(_settings.Detector, SingleProcess.Instance);
        Loaded = DetectorWeights.Load(
            _detector,
            weights,
            _settings,
            new DetectorWeightOptions { EvaluationOnly = true, AllowOpaqueObjects = options.AllowOpaqueObjects });
        _detector.to(_device);
        _detector.eval();
    }

    /// <summary>What became of the weight file.</summary>
    public LoadedWeights Loaded { get; }

    /// <summary>Finds the objects of an image.</summary>
    /// <param name="image">Upright, at least one pixel.</param>
    /// <param name="id">What the detections are to call the image.</param>
    /// <param name="fileName">Where it comes from.</param>
    /// <returns>Detections in the image's own pixels, best first.</returns>
    public ImageDetections Predict(RgbImage image, long id, string fileName)
    {
        using IDisposable noGradient = inference_mode();
        using DisposeScope scope = NewDisposeScope();
        InputImage input = _mapper.ForPrediction(image, id, fileName);
        using ImageBatch batch = ImageBatching.Create([input], _settings.Detector, _device);
        return _detector.Detect(batch, [input])[0];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _detector.Dispose();
        _mapper.Dispose();
    }
}
