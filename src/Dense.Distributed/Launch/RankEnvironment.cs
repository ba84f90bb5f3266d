using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;

namespace Dense.Distributed.Launch;

/// <summary>
/// Whether this process is one of several, by the variables that <c>mpirun</c> (Open MPI 4 and 5) and
/// <c>srun --mpi=pmix</c> set.
/// </summary>
public static class RankEnvironment
{
    private static readonly string[] RankVariables = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK"];
    private static readonly string[] LocalVariables = ["OMPI_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID"];

    /// <summary>Whether a launcher started this process as a rank.</summary>
    public static bool IsRank => RankVariables.Any(v => Environment.GetEnvironmentVariable(v) is { Length: > 0 });

    /// <summary>Refuses to start beside others that this process cannot find; for one that trains.</summary>
    /// <exception cref="LaunchException">srun started several tasks without PMIx.</exception>
    public static void RequirePmix()
    {
        if (!IsRank && Number("SLURM_STEP_NUM_TASKS") > 1)
        {
            throw new LaunchException(
                "srun started several tasks, but without PMIx they do not know each other: each would train alone and "
                + "write the same files. Start them with srun --mpi=pmix, or with mpirun.");
        }
    }

    /// <summary>This process's number among all of the job, before it has joined them.</summary>
    public static int Rank => First(RankVariables);

    /// <summary>This process's number among those of its machine: the number of its GPU.</summary>
    public static int LocalRank => First(LocalVariables);

    /// <summary>Joins the other ranks.</summary>
    /// <param name="board">See <see cref="MpiCollectives.Start"/>.</param>
    /// <exception cref="MpiNotFoundException">Open MPI cannot be used.</exception>
    /// <exception cref="LaunchException">The environment sets a limit that is none.</exception>
    public static MpiCollectives Join(RankBoard? board) => MpiCollectives.Start(RankLimits.FromEnvironment(), board);

    private static int First(string[] variables) => variables.Select(Number).FirstOrDefault(n => n is not null) ?? 0;

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out int value) ? value : null;
}
