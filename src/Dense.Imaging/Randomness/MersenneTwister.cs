namespace Dense.Imaging;

/// <summary>
/// MT19937 of Matsumoto and Nishimura, "Mersenne Twister" (ACM TOMACS 1998), seeded with 32 bits by the 2002
/// initialisation. PyTorch's CPU generator and NumPy's legacy generator are this one (P-97, P-98).
/// </summary>
public sealed class MersenneTwister
{
    private const int N = 624, M = 397;
    private readonly uint[] _state = new uint[N];
    private int _next = N;

    /// <summary>Starts the generator.</summary>
    /// <param name="seed">The seed.</param>
    public MersenneTwister(uint seed)
    {
        _state[0] = seed;
        for (uint i = 1; i < N; i++)
            _state[i] = (1812433253u * (_state[i - 1] ^ (_state[i - 1] >> 30))) + i;
    }

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        if (_next == N)
            Refill();

        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680u;
        y ^= (y << 15) & 0xEFC60000u;
        return y ^ (y >> 18);
    }

    private void Refill()
    {
        for (int i = 0; i < N; i++)
        {
            uint y = (_state[i] & 0x80000000u) | (_state[(i + 1) % N] & 0x7FFFFFFFu);
            _state[i] = _state[(i + M) % N] ^ (y >> 1) ^ ((y & 1) * 0x9908B0DFu);
        }

        _next = 0;
    }
}
