using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Dense.Bench;

/// <summary>
/// A Python peer that stays and does one piece of work per line of input, so that long measurements alternate with
/// ours. It answers each line with seconds of CPU time.
/// </summary>
internal sealed class PeerSession : IDisposable
{
    private readonly Process _process;

    private PeerSession(Process process) => _process = process;

    /// <summary>Starts a script of <c>bench/peers</c> with one thread; null when it cannot run here.</summary>
    public static PeerSession? Start(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Peer.Python, [Peer.Script(script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        foreach (string setting in (string[])["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"])
            start.Environment.Remove(setting);
        try
        {
            var session = new PeerSession(Process.Start(start)!);
            if (session._process.StandardOutput.ReadLine() == "ready")
                return session;

            session.Dispose();
            return null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Seconds of CPU time that a piece of work takes; null when the peer has failed.</summary>
    public double? Seconds(string work)
    {
        if (_process.HasExited)
            return null;

        _process.StandardInput.WriteLine(work);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() is { } answer
            ? double.Parse(answer, CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>Ends the peer.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
