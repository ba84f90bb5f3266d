using System.Collections.Concurrent;

namespace Dense.Distributed.Mpi;

/// <summary>
/// Moves operations on while their rank computes: Open MPI does nothing for them between calls. Its thread exists from
/// the first operation on and sleeps while there is none.
/// </summary>
internal sealed class MpiProgress
{
    private readonly BlockingCollection<MpiRequests> _open = [];
    private Thread? _thread;

    /// <summary>Takes care of an operation until it is complete.</summary>
    public void Drive(MpiRequests requests)
    {
        _open.Add(requests);
        if (_thread is not null)
            return;

        _thread = new Thread(Loop) { IsBackground = true, Name = "MPI progress" };
        _thread.Start();
    }

    private void Loop()
    {
        foreach (MpiRequests requests in _open.GetConsumingEnumerable())
        {
            try
            {
                // The order does not matter: one call moves all operations on.
                while (!requests.Advance())
                    Thread.Sleep(1);
            }
            catch (RankLostException)
            {
                // Thrown again where the operation is waited for.
            }
        }
    }
}
