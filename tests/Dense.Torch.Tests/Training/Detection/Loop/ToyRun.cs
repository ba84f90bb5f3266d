using Dense.Detection;
using Dense.Distributed;
using Dense.Torch.Tests.Training.Detection.Logging;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Solver;
using Dense.Training.Loop;

namespace Dense.Torch.Tests.Training.Detection.Loop;

/// <summary>A training of the toy detector in a folder of its own.</summary>
internal sealed class ToyRun : IDisposable
{
    public ToyRun(DetectionSolverSettings? solver = null, string? folder = null, ToyDetector? detector = null,
        int keep = 0, long seed = 3)
    {
        Solver = solver ?? new DetectionSolverSettings
        {
            BaseRate = 0.05,
            MaxIterations = 8,
            Steps = [6],
            WarmupIterations = 3,
            CheckpointPeriod = 3,
        };
        Output = folder ?? Folder.Path;
        Detector = detector ?? new ToyDetector();
        var optimizer = new DetectionOptimizer([.. DetectorState.Entries(Detector).Where(e => e.Trainable)], Solver);
        State = new DetectionState(Detector, optimizer, null, seed);
        Checkpoints = new DetectionCheckpoints(Output, keep);
    }

    public TempFolder Folder { get; } = new();

    public string Output { get; }

    public DetectionSolverSettings Solver { get; }

    public ToyDetector Detector { get; }

    public DetectionState State { get; }

    public DetectionCheckpoints Checkpoints { get; }

    public RecordingScreen Screen { get; } = new();

    public StopRequest Stop { get; } = new();

    public DetectionTestSettings Test { get; init; } = new();

    public DetectionHooks Hooks { get; set; } = new();

    /// <summary>Trains to the end, or until stopped.</summary>
    public (RunOutcome Outcome, IReadOnlyDictionary<string, double> Results) Train(TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        using var log = new DetectionLog(Output, 0, Screen, clock);
        var trainer = new DetectionTrainer(
            new DetectionRunSettings { Solver = Solver, Test = Test }, State, new DetectionPlacement(),
            ToyData.From(State.Completed, State.Seed), ToyData.Ready, Checkpoints, log, Hooks, SingleProcess.Instance,
            clock);
        return trainer.Run(Stop);
    }

    public void Dispose()
    {
        State.Optimizer.Dispose();
        Detector.Dispose();
        Folder.Dispose();
    }
}
