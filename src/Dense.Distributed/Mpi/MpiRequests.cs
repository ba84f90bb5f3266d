namespace Dense.Distributed.Mpi;

/// <summary>The pieces of one operation that are under way.</summary>
/// <param name="requests">MPI's handles.</param>
/// <param name="gate">Held during every call of MPI.</param>
internal sealed class MpiRequests(nint[] requests, Lock gate)
{
    private RankLostException? _failure;
    private int _complete;

    /// <summary>Moves this operation and all others on, and says whether this one is complete.</summary>
    /// <exception cref="RankLostException">MPI reports an error.</exception>
    public bool Advance()
    {
        lock (gate)
        {
            if (_failure is not null)
                throw _failure;

            try
            {
                while (_complete < requests.Length)
                {
                    OpenMpi.Check(OpenMpi.Test(ref requests[_complete], out int done, 0));
                    if (done == 0)
                        return false;

                    _complete++;
                }

                return true;
            }
            catch (RankLostException e)
            {
                // A request that failed must not be tested again, and whoever waits must know.
                _failure = e;
                throw;
            }
        }
    }
}
