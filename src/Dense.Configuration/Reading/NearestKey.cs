namespace Dense.Configuration.Reading;

/// <summary>Finds what a mistyped name was meant to be (E-11).</summary>
public static class NearestKey
{
    /// <summary>The known name that is most like <paramref name="name"/>; null when none is alike.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        string? nearest = null;
        int best = int.MaxValue;
        foreach (string candidate in known)
        {
            int distance = Distance(name, candidate);
            if (distance < best)
                (nearest, best) = (candidate, distance);
        }

        return best <= Math.Max(2, LastPart(name).Length / 3) + 1 ? nearest : null;
    }

    // The right name in the wrong section, or in the wrong case, is nearer than any typing error.
    private static int Distance(string name, string candidate)
    {
        if (string.Equals(name, candidate, StringComparison.OrdinalIgnoreCase))
            return 0;
        if (string.Equals(LastPart(name), LastPart(candidate), StringComparison.OrdinalIgnoreCase))
            return 1;

        int distance = EditDistance(name.ToUpperInvariant(), candidate.ToUpperInvariant()) + 1;
        return IsPartOf(name, candidate) ? Math.Min(2, distance) : distance;
    }

    // SOLVER.LR for SOLVER.BASE_LR.
    private static bool IsPartOf(string name, string candidate) =>
        name[..^LastPart(name).Length] == candidate[..^LastPart(candidate).Length]
        && !LastPart(name).Split('_').Except(LastPart(candidate).Split('_')).Any();

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static int EditDistance(string a, string b)
    {
        // No limit is met beyond this length, and an outside name may be long.
        if (a.Length > 200)
            return int.MaxValue - 1;

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
