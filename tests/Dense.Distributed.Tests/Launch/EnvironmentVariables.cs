namespace Dense.Distributed.Tests.Launch;

/// <summary>Sets variables of this process while it lives; null removes one. Tests that use it are in the collection
/// <see cref="Alone"/>, because others start processes meanwhile.</summary>
internal sealed class EnvironmentVariables : IDisposable
{
    public const string Alone = "Environment";

    private readonly (string Name, string? Value)[] _before;

    public EnvironmentVariables(params (string Name, string? Value)[] variables)
    {
        _before = [.. variables.Select(v => (v.Name, Environment.GetEnvironmentVariable(v.Name)))];
        Set(variables);
    }

    public void Dispose() => Set(_before);

    private static void Set((string Name, string? Value)[] variables)
    {
        foreach (var (name, value) in variables)
            Environment.SetEnvironmentVariable(name, value);
    }

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class Collection;
}
