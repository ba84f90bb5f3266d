namespace Dense.Bench;

/// <summary>One line of the table: ours beside a peer, measured alternately in one run.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Ours">Our figure with its unit.</param>
/// <param name="Peer">The peer's name and figure; "not installed" when it is absent.</param>
/// <param name="Ratio">How many times better ours is; empty without a peer.</param>
/// <param name="Conditions">Sizes, threads, rounds.</param>
internal sealed record BenchResult(string What, string Ours, string Peer, string Ratio, string Conditions);
