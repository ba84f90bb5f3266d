using Xunit;

namespace Dense.Testing;

/// <summary>
/// Finds golden data: values from running the reference implementations. The root is the folder that the environment
/// variable <c>DENSE_GOLDEN</c> names, else <c>../shared/golden</c> beside the repository.
/// </summary>
/// <remarks>
/// A folder that is missing is never passed over in silence: under the default root it fails in CI and is reported as
/// skipped on a machine that has no golden data at all; under another root it is reported as absent.
/// </remarks>
public static class Golden
{
    private const string Variable = "DENSE_GOLDEN";

    /// <summary>
    /// The row that <see cref="Cases"/> returns when the folder is missing; <see cref="Require"/> explains it.
    /// </summary>
    public const string Absent = "(absent)";

    private static readonly string? Named = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } r
        ? r
        : null;

    /// <summary>The root folder.</summary>
    public static string Root { get; } = System.IO.Path.GetFullPath(
        Named ?? System.IO.Path.Combine(RepositoryRoot.Path, "..", "shared", "golden"));

    /// <summary>
    /// Names of the case folders below <paramref name="folder"/>, sorted, as theory rows; one row <see cref="Absent"/>
    /// when there is none.
    /// </summary>
    /// <param name="folder">Relative to the root, such as <c>pretraining/trajectories</c>.</param>
    /// <param name="marker">A file that each case holds.</param>
    public static TheoryData<string> Cases(string folder, string marker = "case.json")
    {
        string path = System.IO.Path.Combine(Root, folder);
        string[] names = !Directory.Exists(path)
            ? []
            : [.. Directory.GetDirectories(path)
                .Where(d => File.Exists(System.IO.Path.Combine(d, marker)))
                .Select(d => System.IO.Path.GetFileName(d)!)
                .Order(StringComparer.Ordinal)];
        return names.Length == 0 ? [Absent] : new TheoryData<string>(names);
    }

    /// <summary>Names of the files below <paramref name="folder"/> that match, as theory rows.</summary>
    public static TheoryData<string> Files(string folder, string pattern)
    {
        string path = System.IO.Path.Combine(Root, folder);
        string[] names = !Directory.Exists(path)
            ? []
            : [.. Directory.GetFiles(path, pattern)
                .Select(f => System.IO.Path.GetFileName(f)!)
                .Order(StringComparer.Ordinal)];
        return names.Length == 0 ? [Absent] : new TheoryData<string>(names);
    }

    /// <summary>
    /// The path of a golden file or folder. When it is missing the test fails in CI under the default root, and is
    /// reported as skipped, with the reason, otherwise.
    /// </summary>
    public static string Require(params string[] parts)
    {
        string path = System.IO.Path.Combine([Root, .. parts]);
        if (!parts.Contains(Absent) && (File.Exists(path) || Directory.Exists(path)))
            return path;

        string folder = System.IO.Path.Combine([Root, .. parts.Where(p => p != Absent)]);
        if (Named is null && (Directory.Exists(Root) || Environment.GetEnvironmentVariable("CI") == "true"))
            Assert.Fail($"Golden data is missing: {folder}.");

        if (Named is not null && !Directory.Exists(Root))
            Assert.Fail($"{Variable} names {Root}, which does not exist.");

        Assert.Skip($"Golden data is absent: {folder}. Name another root with {Variable}.");
        return path;
    }
}
